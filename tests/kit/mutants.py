"""Breaks the product on purpose, one edit at a time, and sees that the tests which guard that line fail.

``tests/mutants.yaml`` lists the edits: ``id``, ``file``, ``old`` (stands in it exactly once), ``new`` and ``tests`` (each
of them must fail). ``python -m tests.kit.mutants`` tries a sample of twelve drawn by the date, ``--all`` every one,
``--share 2/8`` the second of eight shares that together are all, ``--only ID`` some. The working tree is never touched:
edits are made in a copy of it. Before that the named tests run unbroken, since a test that fails anyway kills nothing.

Exit codes: 0 all killed; 1 some survived or could not be tried, each with a sentence; 2 usage.
"""

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import yaml

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from tests.kit.suite import draw_port_base

ROOT = Path(__file__).resolve().parents[2]
LIST = Path("tests/mutants.yaml")
SAMPLE = 12
TIMEOUT_S = 600
"""Much longer than any of the named tests takes on a loaded machine; only what hangs takes as long."""
KILLED, SURVIVED, HUNG, NOT_TRIED = "killed", "SURVIVED", "HUNG", "NOT TRIED"
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*)?(?: - .*)?$", re.MULTILINE)
_SOME_FAILED = 1
# Without the plugins that these tests do not need, pytest starts in half the time.
_PLUGINS = ("-p", "pytest_docker", "-p", "pytest_timeout", "-p", "no:cacheprovider")


class WrongMutantError(Exception):
    """A line of the list fits the tree no more; says what to do."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One edit that breaks one rule.

    Attributes:
        id: Says in words what is broken.
        file: Of the product, from the root.
        old: Stands there exactly once.
        new: Takes its place.
        tests: Pytest's names of tests; each must fail.
    """

    id: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def broken(self, root: Path) -> str:
        """Give the file's text with the edit.

        Raises:
            WrongMutantError: The file is not there, or ``old`` does not stand there exactly once.
        """
        path = root / self.file
        if not path.is_file():
            raise WrongMutantError(f"{self.id}: there is no {self.file}. {self._elsewhere(root)}")
        text = path.read_text(encoding="utf-8")
        if (times := text.count(self.old)) != 1:
            where = self._elsewhere(root) if times == 0 else "Take more of the line into `old`."
            raise WrongMutantError(f"{self.id}: `old` stands {times} times in {self.file}, not once. {where}")
        return text.replace(self.old, self.new)

    def missing_tests(self, root: Path) -> list[str]:
        """Give the named tests whose file or function is not there."""
        return [name for name in self.tests if not _is_there(root, name)]

    def _elsewhere(self, root: Path) -> str:
        folders = ("services", "shared", "deploy", "client")
        paths = (path for folder in folders for path in sorted((root / folder).rglob("*.py")))
        found = [str(path.relative_to(root)) for path in paths if self.old in path.read_text(encoding="utf-8")]
        if found:
            return f"It stands in {', '.join(found)}: name that file."
        return "The text stands nowhere else: write the edit anew, or take the line out with the rule that is gone."


def _is_there(root: Path, name: str) -> bool:
    file, *inside = _plain(name).split("::")
    if not (root / file).is_file() or not inside:
        return False
    text = (root / file).read_text(encoding="utf-8")
    return all(re.search(rf"^ *(def|class) {re.escape(part)}\b", text, re.MULTILINE) for part in inside)


def read_list(root: Path = ROOT) -> list[Mutant]:
    """Read the list.

    Raises:
        WrongMutantError: The file is no YAML; or a line lacks a field, has one too many, or has another's id.
    """
    mutants = []
    try:
        entries = yaml.safe_load((root / LIST).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise WrongMutantError(f"{LIST} is no YAML: {error}. Put code that holds a colon in quotes.") from error
    for entry in entries:
        if set(entry) != {"id", "file", "old", "new", "tests"} or not entry["tests"] or entry["old"] == entry["new"]:
            raise WrongMutantError(f"{entry.get('id')}: needs id, file, old, a different new, and tests.")
        mutants.append(Mutant(**{**entry, "tests": tuple(entry["tests"])}))
    ids = [mutant.id for mutant in mutants]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise WrongMutantError(f"More than one mutant is called {', '.join(twice)}.")
    return mutants


def copy_tree(source: Path, target: Path) -> None:
    """Copy what git tracks or would track, as it stands in the working tree, and name its environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (source / name).is_file() and not (source / name).is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)
    (target / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    # Rules of the tree ask git what is in it.
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=target, check=True, capture_output=True)


class Tree:
    """A copy of the tree in which one edit at a time is made and tests run."""

    def __init__(self, root: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "ALONGSIDE"))}
        self._environment |= {"PYTHONPATH": str(root), "PYTHONWARNINGS": "ignore", **(environment or {})}
        self._environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        self._edits = 0

    def failing(self, tests: Sequence[str], *, timeout_s: float) -> set[str]:
        """Run tests; give the names of those that failed, without their parameters.

        Raises:
            TimeoutError: They did not end in time.
            WrongMutantError: Pytest could not run them at all.
        """
        command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", *_PLUGINS]
        process = subprocess.Popen(
            [*command, *tests], cwd=self._root, env=self._environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            said, _ = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            # As Ctrl-C does, so that the run ends what it started.
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=60)
            process.kill()
            raise TimeoutError from None
        if process.returncode not in (0, _SOME_FAILED):
            raise WrongMutantError(f"pytest ended with {process.returncode}: {said[-600:]}")
        return set(_FAILED.findall(said))

    def try_out(self, mutant: Mutant, *, timeout_s: float = TIMEOUT_S) -> tuple[str, str]:
        """Break one thing, run its tests, mend it; give the verdict and, if it is not ``killed``, a sentence."""
        try:
            broken = mutant.broken(self._root)
        except WrongMutantError as error:
            return NOT_TRIED, str(error)
        path = self._root / mutant.file
        text = path.read_text(encoding="utf-8")
        try:
            self._write(path, broken)
            failed = self.failing(mutant.tests, timeout_s=timeout_s)
        except TimeoutError:
            return HUNG, f"its tests did not end within {timeout_s:.0f} s"
        except WrongMutantError as error:
            return NOT_TRIED, str(error)
        finally:
            self._write(path, text)
        passed = [name for name in mutant.tests if _plain(name) not in failed]
        return (SURVIVED, f"passed all the same: {', '.join(passed)}") if passed else (KILLED, "")

    def _write(self, path: Path, text: str) -> None:
        """Write a module so that no compiled copy of an earlier text is taken for it."""
        path.write_text(text, encoding="utf-8")
        self._edits += 1
        # Python compares size and whole seconds only, and edits come faster.
        moment = int(time.time()) + self._edits
        os.utime(path, (moment, moment))


def chosen(mutants: Sequence[Mutant], *, seed: str, count: int = SAMPLE) -> list[Mutant]:
    """Draw a sample: the same for the same seed and list."""
    return random.Random(seed).sample(mutants, min(count, len(mutants)))


def share_of(mutants: Sequence[Mutant], told: str) -> list[Mutant]:
    """Give one share of all by its number and how many there are, such as ``2/8``: each mutant is in exactly one.

    Neighbours of the list, which often share their tests, stay together.

    Raises:
        ValueError: There is no such share.
    """
    number, _, count = told.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise ValueError(f"there is no share {told}: write 1/8 for the first of eight")
    first, last = ((len(mutants) * edge) // int(count) for edge in (int(number) - 1, int(number)))
    return list(mutants[first:last])


def run(mutants: Sequence[Mutant], *, root: Path = ROOT) -> dict[str, str]:
    """Try mutants one after the other; give each one's verdict.

    All runs share one pair of engines, which is started by the first that asks and stopped at the end.
    """
    port_base, lock = draw_port_base()
    with lock, tempfile.TemporaryDirectory(prefix="alongside-mutants-") as folder:
        tree, engines = Path(folder, "tree"), Layout(home=Path(folder, "engines"), port_base=port_base)
        copy_tree(root, tree)
        place = Tree(tree, environment={"ALONGSIDE_TEST_ENGINES": f"{engines.home}:{engines.port_base}"})
        try:
            return try_all(mutants, place, partial(print, flush=True))
        finally:
            if engines.home.exists():
                EnginePair(engines).stop()


def try_all(mutants: Sequence[Mutant], place: Tree, tell: Callable[[str], object]) -> dict[str, str]:
    """Run all named tests unbroken, then try each mutant; tell a line of each, and give its verdict."""
    named = sorted({_plain(name) for mutant in mutants for name in mutant.tests})
    unbroken = place.failing(named, timeout_s=TIMEOUT_S + 30 * len(named))
    verdicts = {}
    for mutant in mutants:
        began = time.monotonic()
        if broken_anyway := unbroken & {_plain(name) for name in mutant.tests}:
            verdict, why = NOT_TRIED, f"fails without any edit: {', '.join(sorted(broken_anyway))}"
        else:
            verdict, why = place.try_out(mutant)
        verdicts[mutant.id] = verdict
        tell(f"{verdict:<10} {time.monotonic() - began:5.1f} s  {mutant.id}{f': {why}' if why else ''}")
    return verdicts


def _plain(name: str) -> str:
    """Give a test's name without its parameters."""
    return name.partition("[")[0]


def main(arguments: Iterable[str]) -> int:
    """Try a sample, all, or some."""
    parser = argparse.ArgumentParser(prog="python -m tests.kit.mutants", description="Break the product on purpose.")
    parser.add_argument("--all", action="store_true", help="try every mutant of the list")
    parser.add_argument("--share", metavar="K/N", help="try the K-th of N shares of the list")
    parser.add_argument("--only", action="append", metavar="ID", help="try this one; may be given again")
    parser.add_argument("--seed", default=datetime.now(UTC).date().isoformat(), help="of the sample; else today's date")
    options = parser.parse_args(list(arguments))
    # Told to stop, it ends its engines first, as it does for Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        mutants = read_list()
    except WrongMutantError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if options.only:
        known = {mutant.id: mutant for mutant in mutants}
        if unknown := [name for name in options.only if name not in known]:
            parser.error(f"tests/mutants.yaml has no {', '.join(unknown)}")
        mutants = [known[name] for name in options.only]
    elif options.share:
        try:
            mutants = share_of(mutants, options.share)
        except ValueError as error:
            parser.error(str(error))
    elif not options.all:
        print(f"{SAMPLE} of {len(mutants)} mutants, drawn with seed {options.seed}", flush=True)
        mutants = chosen(mutants, seed=options.seed)
    verdicts = run(mutants)
    alive = [name for name, verdict in verdicts.items() if verdict != KILLED]
    print(f"{len(verdicts) - len(alive)} of {len(verdicts)} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
