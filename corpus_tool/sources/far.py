"""Streams that come from far away, and may break off."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Far(io.RawIOBase, ABC):
    """A stream that fails again where it has failed: who looked ahead may pass over a fault, who reads on must not."""

    _fault: InputError | None = None

    @abstractmethod
    def receive(self, size: int) -> bytes:
        """At most so many bytes, at least one unless the end is reached.

        Raises:
            InputError: They do not come.
        """

    @abstractmethod
    def let_go(self) -> None:
        """Close what is far away."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._fault:
            raise self._fault
        view = memoryview(buffer).cast("B")
        try:
            data = self.receive(view.nbytes)
        except InputError as fault:
            self._fault = fault
            raise
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self.let_go()
            super().close()
