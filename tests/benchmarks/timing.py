"""Timing of whole processes: wall clock, processor time, peak memory, and an end to what takes too long.

The process that times stays small on purpose: Linux counts the memory of the process that starts another towards the
peak of the one started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Run:
    """What one process took: seconds on the wall clock, seconds of processors (children included), peak MiB.

    The peak is that of the largest single process where a command starts several.
    """

    seconds: float
    cpu_s: float
    peak_mib: float


def timed(command: list[str], place: Path, limit: float) -> Run | None:
    """Run a command in a folder to its end; None where it was killed at the limit of seconds.

    Raises:
        SystemExit: The command failed; the message ends with what it printed on stderr.
    """
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(place / "hf"),
        "TOKENIZERS_PARALLELISM": "0",
    }
    log = place / "stderr.txt"
    with log.open("wb") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=place, env=environment, stdout=errors, stderr=errors, start_new_session=True
        )
        end = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        end.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        end.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == -signal.SIGKILL and seconds >= limit:
        return None
    if process.returncode:
        tail = log.read_text("utf-8", "replace")[-2000:]
        sys.exit(f"exit status {process.returncode}: {' '.join(command)}\n{tail}")
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Run(round(seconds, 3), round(usage.ru_utime + usage.ru_stime, 3), round(peak, 1))
