"""What a run of the benchmark should say about where it ran."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

OURS = ("corpus-tool", "numpy", "orjson")
PEERS = ("text-dedup", "datasets", "rensa", "datasketch", "numpy", "orjson")


def machine() -> dict[str, str | int | float]:
    """Processor, cores, memory in GiB, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": round(memory, 1),
        "system": _system(),
        "python": platform.python_version(),
    }


def versions(peers_python: str | None) -> dict[str, dict[str, str]]:
    """Versions of what is compared and of what it rests on."""
    found = {"ours": {name: version(name) for name in OURS}}
    if peers_python is not None:
        code = "import json, sys; from importlib.metadata import version; "
        code += "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
        printed = subprocess.run([peers_python, "-c", code, *PEERS], check=True, capture_output=True).stdout
        found["peers"] = json.loads(printed)
    return found


def _processor() -> str:
    """The processor's name as Linux knows it, and which of the wider instructions it has."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in lines.items()}
    wide = [each for each in ("avx2", "avx512f") if each in facts.get("flags", "").split()]
    name = facts.get("model name", platform.machine())
    return f"{name} ({', '.join(wide)})" if wide else name


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.system()
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{name}, kernel {kernel}"
