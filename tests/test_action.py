"""The GitHub Action and the pre-commit hooks: their steps and entries run as those who run them would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
ACTION = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""What GitHub starts for `shell: bash`, before the name of the script."""
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


@dataclass
class Runner:
    """A place in which steps of the action run, one after the other.

    Attributes:
        folder: Holds the workspace, the temporary folder and the file of outputs.
        action: Where the action's own repository was checked out.
    """

    folder: Path
    action: Path = PROJECT
    outputs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.workspace, self.temporary = self.folder / "work", self.folder / "temp"
        shutil.copytree(PROJECT / "examples", self.workspace)
        self.temporary.mkdir()

    def step(self, name: str, inputs: dict[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one step with some inputs, the others at their defaults."""
        step = next(each for each in ACTION["runs"]["steps"] if each["name"] == name)
        assert step["shell"] == "bash"
        known = {f"inputs.{key}": given.get("default", "") for key, given in ACTION["inputs"].items()}
        known |= {f"inputs.{key}": value for key, value in inputs.items()}
        known["github.action_path"] = str(self.action)
        script, output = self.folder / "step.sh", self.folder / "output"
        assert not EXPRESSION.search(step["run"]), "what a workflow passes would become a part of the script"
        script.write_text(step["run"], "utf-8")
        output.write_text("", "utf-8")
        environment = {key: self._said(value, known) for key, value in step["env"].items()}
        environment |= {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", str(self.folder)),
            "LC_ALL": "C.UTF-8",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(output),
            "RUNNER_TEMP": str(self.temporary),
            **variables,
        }
        cwd = self.workspace / self._said(step.get("working-directory", "."), known)
        done = subprocess.run(
            [*SHELL, str(script)],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        return done

    def _said(self, text: str, known: dict[str, str]) -> str:
        return EXPRESSION.sub(lambda found: known[found[1]], text)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """One on which the first step has been run, with the tested command for what it installed."""
    found = Runner(tmp_path)
    folder = found.temporary / "corpus-tool/bin"
    folder.mkdir(parents=True)
    (folder / "corpus-tool").symlink_to(Path(sysconfig.get_path("scripts")) / "corpus-tool")
    return found


def test_a_broken_limit_fails_the_step_and_is_annotated(runner: Runner) -> None:
    done = runner.step("Check", {"paths": "digests\n", "max-duplicates": "1%"})
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[1].startswith("::error file=digests/apr-14.txt,line=15,title=corpus-tool check")
    assert len(lines) == 7
    assert runner.outputs == {"passed": "false"}


def test_a_limit_that_is_kept_passes(runner: Runner) -> None:
    done = runner.step("Check", {"paths": "digests", "max-duplicates": "50%", "max-cluster": "3"})
    assert (done.returncode, runner.outputs) == (0, {"passed": "true"})
    assert "::error" not in done.stdout


def test_it_may_only_tell(runner: Runner) -> None:
    done = runner.step("Check", {"paths": "digests", "max-duplicates": "1%", "fail": "false"})
    assert (done.returncode, runner.outputs) == (0, {"passed": "false"})
    done = runner.step("Check", {"paths": "nowhere", "max-duplicates": "1%", "fail": "false"})
    assert (done.returncode, runner.outputs) == (2, {})


def test_several_paths_names_with_blanks_and_other_folders(runner: Runner) -> None:
    (runner.workspace / "digests/apr-15.txt").rename(runner.workspace / "digests/apr 15 $(touch x) *.txt")
    given = {
        "paths": "apr-13.txt\n\napr-14.txt\n",
        "against": "apr 15 $(touch x) *.txt\n",
        "working-directory": "digests",
        "junit": "check.xml",
        "args": "--list\n0\n--strictness\ndefault",
    }
    done = runner.step("Check", given)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("::error file=digests/apr-1") == 4
    assert (runner.workspace / "digests/check.xml").exists()
    assert not (runner.workspace / "digests/x").exists()


def test_gold(runner: Runner) -> None:
    (runner.workspace / "gold.csv").write_text("id1,id2\nde-1,de-2\nja-1,ja-3\n", "utf-8")
    given = {"paths": "notices.jsonl", "gold": "gold.csv", "min-f1": "0.9"}
    assert runner.step("Check", given).returncode == 1
    assert runner.step("Check", {**given, "min-f1": "0.1"}).returncode == 0


@pytest.mark.parametrize(
    "given",
    [{"paths": "digests"}, {"paths": "", "max-cluster": "3"}, {"paths": "digests", "max-cluster": "x"}],
)
def test_mistakes_fail_whatever_is_asked(runner: Runner, given: dict[str, str]) -> None:
    done = runner.step("Check", {**given, "fail": "false"})
    assert (done.returncode, runner.outputs) == (2, {})


def test_a_version_is_pinned(tmp_path: Path) -> None:
    """With a Python that notes what it is asked to install."""
    runner = Runner(tmp_path)
    noting = tmp_path / "python"
    noting.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"\nprintf "#!/bin/sh\\necho \\"\\$@\\"\\n" > "$3/bin/pip"\nchmod +x "$3/bin/pip"\n'
    )
    noting.chmod(0o755)
    done = runner.step("Install corpus-tool", {"version": "0.2.0", "python": str(noting)})
    assert done.stdout.split()[-1] == "corpus-tool==0.2.0", done.stderr
    done = runner.step("Install corpus-tool", {"python": str(noting)})
    assert done.stdout.split()[-1] == str(PROJECT)


def test_the_install_step_installs_what_stands_beside_it(tmp_path: Path) -> None:
    runner = Runner(tmp_path, tmp_path / "action")
    shutil.copytree(
        PROJECT,
        runner.action,
        ignore=shutil.ignore_patterns(".*", "tests", "built", "__pycache__", "build", "dist"),
    )
    done = runner.step("Install corpus-tool", {"python": sys.executable}, CORPUS_TOOL_BUILD_KERNELS="0")
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    done = runner.step("Check", {"paths": "digests", "max-duplicates": "1%"})
    assert (done.returncode, runner.outputs) == (1, {"passed": "false"}), done.stderr


def _hook(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a hook's entry as pre-commit does: with its arguments, then the names of files."""
    words = [*HOOKS[name]["entry"].split(), *HOOKS[name]["args"], *arguments]
    environment = {"PATH": sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True)


def test_the_hook_refuses_files_that_repeat_each_other(tmp_path: Path) -> None:
    files = {"a.jsonl": '{"text": "one two three"}\n', "b.jsonl": '{"text": "One, two, three."}\n'}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    pattern = re.compile(HOOKS["corpus-tool-check"]["files"])
    names = [name for name in sorted(files) if pattern.search(name)]
    done = _hook("corpus-tool-check", *names, cwd=tmp_path)
    assert done.returncode == 1
    assert b"b.jsonl:1: repeats a.jsonl:1" in done.stdout
    assert _hook("corpus-tool-check", names[0], cwd=tmp_path).returncode == 0
    assert _hook("corpus-tool-check-all", cwd=tmp_path).returncode == 1


def test_the_hooks_are_what_pre_commit_takes() -> None:
    pre_commit = Path(sysconfig.get_path("scripts")) / "pre-commit"
    if not pre_commit.exists():
        pytest.skip("pre-commit is not installed")
    done = subprocess.run(
        [pre_commit, "validate-manifest", PROJECT / ".pre-commit-hooks.yaml"], capture_output=True
    )
    assert done.returncode == 0, done.stdout


def test_every_input_of_the_action_is_used_and_told() -> None:
    used: set[Any] = set()
    for step in ACTION["runs"]["steps"]:
        used |= {
            name
            for value in [*step["env"].values(), step.get("working-directory", "")]
            for name in EXPRESSION.findall(value)
        }
    assert {f"inputs.{name}" for name in ACTION["inputs"]} == {
        name for name in used if name.startswith("inputs.")
    }
    assert all(given["description"].endswith(".") for given in ACTION["inputs"].values())
