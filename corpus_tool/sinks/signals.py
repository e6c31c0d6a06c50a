"""Signals that would end the process, held back while outputs take their places."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU)


@contextmanager
def held_back() -> Iterator[None]:
    """Let no signal end the process in the block. One that comes is too late.

    Handlers are exchanged rather than signals blocked: another thread would take what this one blocks.
    """
    if threading.current_thread() is not threading.main_thread():  # signals do not end other threads
        yield
        return

    def too_late(_number: int, _frame: FrameType | None) -> None:
        """The outputs take their places now."""

    before = {number: signal.getsignal(number) for number in _ENDING}
    exchanged = {
        number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)
    }
    for number in exchanged:
        signal.signal(number, too_late)
    try:
        yield
    finally:
        for number, handler in exchanged.items():
            signal.signal(number, handler)
