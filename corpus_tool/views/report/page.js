"use strict";

function themes() {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const shown = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const name = () => { button.textContent = shown() === "dark" ? "Light theme" : "Dark theme"; };
  try {
    const kept = localStorage.getItem("corpus-tool-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* a page opened from a file may have no storage */ }
  button.hidden = false;
  name();
  dark.addEventListener("change", name);
  button.addEventListener("click", () => {
    root.dataset.theme = shown() === "dark" ? "light" : "dark";
    name();
    try { localStorage.setItem("corpus-tool-theme", root.dataset.theme); } catch { /* as above */ }
  });
}

const order = new Intl.Collator(undefined, { numeric: true });

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
}

function sortBy(table, heads, column) {
  const head = heads[column];
  const first = head.classList.contains("number") ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const direction = head.getAttribute("aria-sort") === first ? other : first;
  const sign = direction === "ascending" ? 1 : -1;
  for (const each of heads) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction);
  const keyed = Array.from(table.tBodies[0].rows, (row) => [value(row, column), row]);
  keyed.sort(([a], [b]) => sign * (typeof a === "number" ? a - b : order.compare(a, b)));
  table.tBodies[0].append(...keyed.map(([, row]) => row));
}

function searchable(box) {
  box.querySelector(".tools").hidden = false;
  const table = box.querySelector("table");
  const field = box.querySelector("input");
  const told = box.querySelector("output");
  const rows = Array.from(table.tBodies[0].rows);
  const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
  const heads = Array.from(table.tHead.rows[0].cells);
  const names = heads.map((head) => head.textContent);
  for (const row of rows) {
    if (names.length > 1) Array.from(row.cells).forEach((cell, at) => { cell.dataset.head = names[at]; });
  }
  const look = () => {
    const wanted = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      row.hidden = !wanted.every((word) => texts[at].includes(word));
      count += row.hidden ? 0 : 1;
    });
    told.textContent = wanted.length
      ? (count ? `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows` : "no row matches")
      : `${rows.length.toLocaleString("en")} ${rows.length === 1 ? "row" : "rows"}`;
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(table, heads, column));
    head.replaceChildren(button);
  });
  field.addEventListener("input", look);
  look();
}

themes();
document.querySelectorAll("[data-table]").forEach(searchable);
