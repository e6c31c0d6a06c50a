"""A session on a Spark cluster, or why there can be none."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "corpus-tool"
_SUBMITTED = "PYSPARK_GATEWAY_PORT"
"""Set by `spark-submit`, whose Java runs already."""
_ON_THIS_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}
_ALWAYS = {
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
}


@contextmanager
def session(master: str | None, settings: dict[str, str] | None = None) -> Iterator[Any]:
    """A SparkContext, stopped at the end.

    Args:
        master: URL of the cluster; None for what `spark-submit` or Spark's own settings say, else this machine.
        settings: More of Spark's settings, before all others.

    Raises:
        UsageError: Spark or Java is missing, or the cluster cannot be reached.
    """
    pyspark = _pyspark()
    if _SUBMITTED not in os.environ:
        _need_java()
        _of_this_interpreter(master)
    conf = pyspark.SparkConf()
    chosen = master or conf.get("spark.master") or "local[*]"
    conf.setMaster(chosen).setIfMissing("spark.app.name", _NAME)
    for key, value in {**_ALWAYS, **(_ON_THIS_MACHINE if _is_local(chosen) else {})}.items():
        conf.setIfMissing(key, value)
    for key, value in (settings or {}).items():
        conf.set(key, value)
    context = _started(pyspark, conf, chosen)
    try:
        yield context
    finally:
        context.stop()


def _pyspark() -> Any:
    try:
        import pyspark
    except ModuleNotFoundError:
        raise UsageError("--engine spark needs pyspark: pip install 'corpus-tool[spark]'") from None
    return pyspark


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (Path(home, "bin", "java").exists() if home else shutil.which("java")):
        where = f"JAVA_HOME ({home})" if home else "the PATH"
        raise UsageError(
            f"--engine spark needs Java 17, and there is none in {where}: install it, such as with `apt-get install "
            "openjdk-17-jre-headless`, or set JAVA_HOME"
        )


def _is_local(master: str) -> bool:
    return master.startswith("local")


def _of_this_interpreter(master: str | None) -> None:
    """On this machine tasks run in the interpreter that runs this, where the package is."""
    if master is None:  # Spark's own settings may name any
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    elif _is_local(master):
        os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def _started(pyspark: Any, conf: Any, master: str) -> Any:
    try:
        return pyspark.SparkContext.getOrCreate(conf)
    except Exception as error:
        cause = str(getattr(error, "java_exception", error)).strip().splitlines()
        raise UsageError(
            f"Spark did not start at {master}: {cause[0] if cause else type(error).__name__}"
        ) from error
