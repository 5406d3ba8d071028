"""What became of the records that a command sent: told line by line, and in sum; nothing of a record itself."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from client.alongside_client import Put
from client.record_lines import RecordLine
from client.shown import out, show_json
from shared.kernel.exits import EXIT_REFUSED

MOST_LISTED = 1_000
"""Lines of which more is told than a count."""


class Sent:
    """What became of a file's lines, as far as it goes."""

    def __init__(self, output: str) -> None:
        """Begin with none."""
        self._output = output
        self._counts: Counter[str] = Counter()
        self._numbers: deque[int] = deque()
        self._not_taken: list[dict[str, Any]] = []

    @property
    def done(self) -> int:
        """How many lines something became of."""
        return self._counts.total()

    def good(self, lines: Iterator[RecordLine]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the records; a line that is none is told at once, and stops no other."""
        for line in lines:
            if line.wrong is None:
                self._numbers.append(line.number)
                yield line.reference, line.record
            else:
                self._count(line.number, Put(reference="", outcome="REFUSED"), line.wrong)

    def note(self, done: Put) -> None:
        """Note what became of the next line."""
        self._count(self._numbers.popleft(), done)

    def _count(self, number: int, done: Put, wrong: str | None = None) -> None:
        self._counts[done.outcome] += 1
        if done.was_taken:
            return
        if len(self._not_taken) < MOST_LISTED:
            about = told_of(done) if wrong is None else {"outcome": "REFUSED", "detail": wrong}
            self._not_taken.append({"line": number, **about})
            if self._output != "json":
                say_of(f"Line {number}", done, wrong)

    def end(self, run: str) -> None:
        """Tell the sum.

        Raises:
            Exit: Some were not taken.
        """
        rest = self.done - sum(self._counts[one] for one in ("CREATED", "CHANGED", "UNCHANGED"))
        if self._output == "json":
            lines = {"not_taken": self._not_taken, "not_listed": rest - len(self._not_taken)}
            show_json({"run": run, "lines": self.done, "counts": dict(self._counts), **lines})
        else:
            if rest > len(self._not_taken):
                out.print(f"… and {rest - len(self._not_taken)} more lines that were not taken.")
            out.print(", ".join(f"{count} {name}" for name, count in sorted(self._counts.items())) or "No line.")
        if rest:
            raise typer.Exit(EXIT_REFUSED)


def told_of(done: Put) -> dict[str, Any]:
    """Give what may be told of it: nothing that it says."""
    if done.error is not None:
        faults = [{"field": one.pointer, "code": one.code, "detail": one.detail} for one in done.error.faults]
        return {
            "outcome": done.outcome,
            "code": done.error.code,
            "detail": done.error.detail,
            "problems": faults,
        }
    return {"outcome": done.outcome, "number": done.number, "problems": [dict(one) for one in done.problems]}


def say_of(what: str, done: Put, wrong: str | None = None) -> None:
    """Tell what became of one."""
    named = "" if done.number is None else f" (its number is {done.number})"
    out.print(f"{what}: {done.outcome}{named}", soft_wrap=True)
    told = told_of(done)
    if said := wrong or told.get("detail"):
        out.print(f"  {said}", soft_wrap=True, markup=False)
    for problem in told["problems"]:
        out.print(f"  {problem.get('field')}: {problem.get('detail')}", soft_wrap=True, markup=False)
