"""Published examples of tables whose protection failed; facts from the issues, none of their code.

sdcTools/UserSupport 136: two hierarchies over one list of regions, protected in turn. 135: three singletons in a
row. AI-SDC/ACRO 198: a crosstab whose margins give its hidden cells away. Each is cells, additions, what was
hidden (counts below a limit) and one cell that came out.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownFailure:
    """One example.

    Attributes:
        rows: Parts by the name of their total.
        limit: Counts below it were hidden.
        zeros_shown: Whether zeros were printed.
        given_away: A hidden cell that is known exactly.
    """

    issue: str
    cells: dict
    rows: dict
    limit: int
    zeros_shown: bool
    given_away: str

    @property
    def everything(self):
        """Cells and totals."""
        return {**self.cells, **{name: sum(self.cells[part] for part in parts) for name, parts in self.rows.items()}}


def _crosstab(cells):
    rows, columns = (tuple(dict.fromkeys(name.split()[place] for name in cells)) for place in (0, 1))
    lines = {row: tuple(name for name in cells if name.split()[0] == row) for row in rows}
    lines |= {column: tuple(name for name in cells if name.split()[1] == column) for column in columns}
    return {**lines, "all": tuple(cells)}


_REGIONS = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
_LINKED = {"county-1": "ABIJ", "county-2": "KLMN", "BIG": "LM", "small": "ABIJKN", "all": "ABIJKLMN"}
_SINGLETONS = {
    "one A": 1, "one B": 1, "one H": 7, "one M": 1, "one W": 0,
    "two A": 1, "two B": 0, "two H": 0, "two M": 2, "two W": 8,
}  # fmt: skip
_NURSERY = {
    "not_recom great": 1440, "not_recom pretentious": 1440, "not_recom usual": 1440,
    "priority great": 858, "priority pretentious": 1484, "priority usual": 1924,
    "recommend great": 0, "recommend pretentious": 0, "recommend usual": 2,
    "spec_prior great": 2022, "spec_prior pretentious": 1264, "spec_prior usual": 758,
    "very_recom great": 0, "very_recom pretentious": 132, "very_recom usual": 196,
}  # fmt: skip

KNOWN_FAILURES = (
    KnownFailure("UserSupport-136", _REGIONS, _LINKED, 4, False, "K"),
    KnownFailure("UserSupport-135", _SINGLETONS, _crosstab(_SINGLETONS), 3, True, "one M"),
    KnownFailure("ACRO-198", _NURSERY, _crosstab(_NURSERY), 10, False, "very_recom great"),
)
