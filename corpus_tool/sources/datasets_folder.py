"""Folders of Hugging Face `datasets`: which of their files hold records, and which only tell about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ABOUT = frozenset(
    {"README.md", "dataset_info.json", "dataset_infos.json", "state.json", "dataset_dict.json"}
)


def data_files(folder: str, names: Sequence[str]) -> Sequence[str]:
    """The files in a folder that hold records: all of them where it is no such folder.

    `save_to_disk` leaves Arrow files that `state.json` lists; the hub's layout is Parquet files beside or under a
    README; a folder of several splits has `dataset_dict.json` and one folder a split.
    """
    if "state.json" in names:
        listed = _listed(Path(folder, "state.json"))
        return [name for name in names if name in listed] or names
    if "dataset_dict.json" in names:
        return [name for name in names if name not in _ABOUT]
    parquet = any(name.endswith(".parquet") for name in names) or any(Path(folder).glob("data/*.parquet"))
    if parquet and not _ABOUT.isdisjoint(names):
        return [name for name in names if name not in _ABOUT]
    return names


def _listed(state: Path) -> frozenset[str]:
    try:
        files = json.loads(state.read_text("utf-8"))["_data_files"]
        return frozenset(str(each["filename"]) for each in files)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
