"""Debian's Chromium without a window, driven over its debugging pipe: what a page shows, and what it complains of.

Messages of the DevTools protocol, each ended by a zero byte, go in through descriptor 3 and come out of descriptor 4.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-pipe about:blank"
).split()


class Chromium:
    """One browser with one tab."""

    def __init__(self, into: int, out: int) -> None:
        self._into, self._out, self._rest, self._last = into, out, b"", 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._loaded = False
        (target,) = [each for each in self.ask("Target.getTargets")["targetInfos"] if each["type"] == "page"][
            :1
        ]
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session: str | None = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    _session = None

    def ask(self, method: str, **parameters: Any) -> Any:
        """Send one command and wait for its answer; events that come meanwhile are noted."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            self._note(answer)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._out, 1 << 16)
            assert part, "the browser has gone"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, event: dict[str, Any]) -> None:
        name, told = event.get("method"), event.get("params", {})
        if name == "Page.loadEventFired":
            self._loaded = True
        elif name == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif name == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(told["args"]))
        elif name == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif name == "Page.javascriptDialogOpening":
            self.complaints.append(f"dialog: {told['message']}")
        elif name == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

    def open(self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Show a file in a window of that width, in the theme that the system is said to have."""
        self.complaints.clear()
        self.requests.clear()
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[theme])
        phone = width < 600
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self._loaded = False
        self.ask("Page.navigate", url=path.absolute().as_uri())
        while not self._loaded:
            self._note(self._next())

    def run(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


@contextmanager
def browser() -> Iterator[Chromium]:
    """A browser for as long as the block takes, with a profile of its own."""
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command_read, command_write = os.pipe()
        answer_read, answer_write = os.pipe()

        def as_three_and_four() -> None:
            low, high = os.dup(command_read), os.dup(answer_write)
            os.dup2(low, 3)
            os.dup2(high, 4)

        process = subprocess.Popen(
            [PROGRAM, f"--user-data-dir={profile}", *_SWITCHES],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=as_three_and_four,
            start_new_session=True,
        )
        os.close(command_read)
        os.close(answer_write)
        try:
            yield Chromium(command_write, answer_read)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(command_write)
            os.close(answer_read)
