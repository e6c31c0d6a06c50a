"""Defaults of options from outside: the environment, then a file, then what is built in; what is typed beats all.

    CORPUS_TOOL_DEDUP_KEEP=longest      for one command
    CORPUS_TOOL_KEEP=longest            for every command that has the option

    # corpus-tool.toml, or under [tool.corpus-tool] in pyproject.toml: the first found from the working folder upwards
    keep = "longest"                    for every command that has the option
    [dedup]
    jobs = 4                            for one command

CORPUS_TOOL_CONFIG names a file instead of the search, and, where it is empty, none. A name that no command knows is an
error in a file, and a note in the environment, which others write to as well. Files that a run writes are always typed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tool.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typer.core import TyperOption

Everyone = Callable[[], dict[str, set[str]]]
"""Gives the options of every command, by its name; asked only where it must be, since it loads them all."""

PREFIX = "CORPUS_TOOL_"
CONFIG = "CORPUS_TOOL_CONFIG"
OTHERS = frozenset(
    PREFIX + name for name in "BUILD_KERNELS CHECKED_KERNELS CONFIG DEBUG KERNELS REWRITE".split()
)
"""Variables of ours that are no option's."""
OWN_FILE, PROJECT_FILE = "corpus-tool.toml", "pyproject.toml"
TYPED = frozenset({"output", "removed", "clusters", "rejects", "labels", "junit"})
"""Options that only the command line sets: no default shall decide which file is replaced."""
FOUND = "corpus_tool.defaults"
"""Where a command's context keeps what was found."""
_NEAR = 0.7
_TRUTH = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


@dataclass(frozen=True, slots=True)
class Default:
    """A value from outside: of which option, and where it stands."""

    option: str
    value: Any
    origin: str

    def __str__(self) -> str:
        """The option as it would be typed."""
        if isinstance(self.value, bool):
            return f"--{self.option}" if self.value else f"no --{self.option}"
        return f"--{self.option} {','.join(self.value) if isinstance(self.value, list) else self.value}"


@dataclass(frozen=True, slots=True)
class File:
    """A file of defaults: its name for messages, and the tables in it."""

    path: str
    tables: dict[str, Any]


def of(command: str, options: Mapping[str, TyperOption], everyone: Everyone) -> dict[str, Default]:
    """The defaults from outside of a command, by the names of its parameters.

    Raises:
        UsageError: A variable holds what its option cannot take.
        InputError: The file cannot be read, or has a key or a value that no option takes.
    """
    found: dict[str, Default] = {}
    file = _file()
    if file:
        _check(file, command, set(options), everyone)
        own = file.tables.get(command, {})
        for key, value in [*_values(file.tables), *own.items()]:
            option = options.get(_key(key))
            if option is not None:
                found[str(option.name)] = Default(
                    _key(key), _of_file(file.path, key, value, option), file.path
                )
    for name, value in _variables():
        for key, option in options.items():
            if name in (_variable(key), _variable(f"{command}-{key}")) and key not in TYPED and value:
                found[str(option.name)] = Default(key, _of_variable(name, value, option), name)
    return found


def used(ctx: Any) -> dict[str, Default]:
    """The defaults from outside that hold in a run: those of options that were not typed."""
    return {
        name: each
        for name, each in ctx.meta.get(FOUND, {}).items()
        if getattr(ctx.get_parameter_source(name), "name", "") == "DEFAULT_MAP"
    }


def told(found: Iterable[Default]) -> list[str]:
    """A sentence on the defaults from each place, for people."""
    places: dict[str, list[str]] = {}
    for each in found:
        places.setdefault(each.origin, []).append(str(each))
    return [f"{origin}: {', '.join(options)}" for origin, options in places.items()]


def unknown_variables(everyone: Everyone) -> list[str]:
    """A sentence on each variable of our prefix that no option has."""
    given = [name for name, _ in _variables() if name not in OTHERS]
    if not given:
        return []
    known = everyone()
    keys = set().union(*known.values()) | {f"{command}-{key}" for command in known for key in known[command]}
    names = {_variable(key).removeprefix(PREFIX) for key in keys - TYPED}
    return [_unknown(name, names) for name in given if name.removeprefix(PREFIX) not in names]


def _unknown(variable: str, names: set[str]) -> str:
    name = variable.removeprefix(PREFIX)
    if _key(name).lower() in TYPED:
        return f"{variable}: which file a run writes only the command line says"
    near = get_close_matches(name, names, n=1, cutoff=_NEAR)
    return f"{variable}: no option has this variable" + (f"; did you mean {PREFIX}{near[0]}?" if near else "")


def listed(options: Mapping[str, TyperOption], found: Mapping[str, Default]) -> list[str]:
    """Every option with its value and where that comes from, as lines of TOML."""
    import json

    lines = []
    for key, option in options.items():
        given = found.get(str(option.name))
        value = given.value if given else option.default
        shown = f"# {key} is not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"
        if key in TYPED:
            shown += ", and only the command line sets it"
        elif value is not None:
            shown += f"  # {given.origin if given else 'built in'}"
        lines.append(shown)
    return lines


def _variables() -> list[tuple[str, str]]:
    """Variables of our prefix, those of one command after those of all."""
    ours = [(name, value) for name, value in os.environ.items() if name.startswith(PREFIX)]
    return sorted(ours, key=lambda pair: pair[0].count("_"))


def _variable(key: str) -> str:
    return PREFIX + key.replace("-", "_").upper()


def _key(name: str) -> str:
    return name.replace("_", "-")


def _values(tables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in tables.items() if not isinstance(value, dict))


def _file() -> File | None:
    """The file of defaults: the one that is named, or the nearest from the working folder upwards."""
    named = os.environ.get(CONFIG)
    if named is not None:
        return File(named, _read(Path(named), named)) if named else None
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return None
    for folder in (here, *here.parents):
        for name in (OWN_FILE, PROJECT_FILE):
            path = folder / name
            if os.path.isfile(path):  # noqa: PTH113 - unlike Path's, it takes what may not be seen for absent
                shown = os.path.relpath(path)
                tables = _read(path, shown)
                if tables or name == OWN_FILE:
                    return File(shown, tables)
    return None


def _read(path: Path, shown: str) -> dict[str, Any]:
    """What stands in a file of defaults; of a project's file, which is not ours to judge, what is there for us."""
    project = path.name == PROJECT_FILE
    try:
        data = path.read_bytes()
        if project and b"corpus-tool" not in data:
            return {}
        import tomllib

        tables: Any = tomllib.loads(data.decode("utf-8"))
    except (OSError, ValueError) as error:
        if project:
            return {}
        what = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else f"is not TOML: {error}"
        raise InputError(f"the file of defaults {what}", path=shown) from error
    for table in ("tool", "corpus-tool") if project else ():
        tables = tables.get(table, {}) if isinstance(tables, dict) else {}
    if not isinstance(tables, dict):
        raise InputError("[tool.corpus-tool] is not a table", path=shown)
    return tables


def _check(file: File, command: str, options: set[str], everyone: Everyone) -> None:
    """Refuse keys that no option has; other commands are loaded only for a key that this one lacks."""
    sections = {key: value for key, value in file.tables.items() if isinstance(value, dict)}
    strange = {_key(key) for key, _ in _values(file.tables)} - options or sections.keys() - {command}
    known = everyone() if strange else {command: options}
    everywhere = {key for keys in known.values() for key in keys}
    for key, _ in _values(file.tables):
        _refuse(file, key, everywhere)
    for section, values in sections.items():
        if section not in known:
            raise InputError(f"[{section}]: no such command{_near(section, known)}", path=file.path)
        for key in values:
            _refuse(file, key, known[section], f" of {section}")


def _refuse(file: File, key: str, known: set[str], whose: str = "") -> None:
    if _key(key) not in known:
        raise InputError(f"{key}: no option{whose} is called so{_near(_key(key), known)}", path=file.path)
    if _key(key) in TYPED:
        raise InputError(f"{key}: which file a run writes only the command line says", path=file.path)


def _near(word: str, known: Iterable[str]) -> str:
    found = get_close_matches(word, list(known), n=1, cutoff=_NEAR)
    return f"; did you mean {found[0]}?" if found else ""


def _of_file(path: str, key: str, value: Any, option: TyperOption) -> Any:
    """A value from a file as its option takes it."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise InputError(f"{key}: true or false is wanted, not {value!r}", path=path)
        return value
    several = value if isinstance(value, list) and option.multiple else [value]
    if not all(isinstance(each, (str, int, float)) and not isinstance(each, bool) for each in several):
        wanted = "a text or a list of texts" if option.multiple else "a text or a number"
        raise InputError(f"{key}: {wanted} is wanted, not {value!r}", path=path)
    return [str(each) for each in several] if option.multiple else value


def _of_variable(name: str, value: str, option: TyperOption) -> Any:
    """A value from the environment as its option takes it."""
    if option.is_flag:
        if value.lower() not in _TRUTH:
            raise UsageError(f"{name}={value}: 1 or 0 is wanted")
        return _TRUTH[value.lower()]
    return [value] if option.multiple else value
