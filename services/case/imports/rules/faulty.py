"""Rows whose cells may stand in the wrong columns: nothing of them is taken, a no and a child are still looked for.

Limit: a no or an age is looked for in every cell in which it may stand, so a word of another column may be taken for
it. That errs on the side of safety, and the row has to be mended anyway. But digits in the person's own reference are
no age: each such row would open an urgent task. Nor is a neighbour of a column of withdrawals one: there every word
ends a consent (``tests/unit/case/test_import_records.py``).
"""

import re
from collections.abc import Mapping

from services.case.imports.rules.ages import CHILD
from services.case.imports.rules.cells import RowReader
from services.case.imports.rules.records import CELL_TOO_LONG, MERGED_CELLS, QUOTE, TOO_FEW_CELLS, TOO_MANY_CELLS
from services.case.imports.rules.said import First, Problem
from services.case.imports.rules.table import Line
from shared.codelists.consent_words import NOES
from shared.codelists.consent_words import WITHDRAWN as ENDED

FAULTS: Mapping[str, Problem] = {
    QUOTE: Problem(
        column="row",
        code="quotation-mark",
        sentence="A quotation mark here, or in a row above, does not close where a cell ends, so the cells cannot be "
        "told apart. Correct the mark, or export again.",
    ),
    TOO_MANY_CELLS: Problem(
        column="row",
        code="too-many-cells",
        sentence="This row has more cells than the header, so they may stand in the wrong columns. Look for a "
        "separator inside a cell, and put that cell in quotation marks.",
    ),
    TOO_FEW_CELLS: Problem(
        column="row",
        code="too-few-cells",
        sentence="This row has fewer cells than the header, so they may stand in the wrong columns. Look for a line "
        "end or a quotation mark inside a cell, or export again.",
    ),
    MERGED_CELLS: Problem(
        column="row",
        code="merged-cells",
        sentence="A merged cell touches this row, so nobody can tell to which rows its word belongs. Split the merged "
        "cell, and write the word into each row that it is for.",
    ),
    CELL_TOO_LONG: Problem(
        column="row",
        code="cell-too-long",
        sentence="A cell of this row is too long: 1,000 characters where it is read, 32,768 anywhere else. Shorten it.",
    ),
}
"""What to say of each fault of a row."""


_REFERENCE = re.compile(
    r"(?=.*[^\W\d_])(?=.*\d)(?!.*(?:under|below|less|age|y(?:ea)?rs?|child|minor|teen))\S{6,}|\d{4,}\S*", re.IGNORECASE
)
"""Letters and digits, six and more, or four digits and more, without a space; "U18" and "17 years" are none."""


def read_faulty(line: Line, reader: RowReader) -> First:
    """Look for a no and a child wherever they may stand in the row."""
    said = [reader.consent(cell) for cell in (reader.cell(line, "consent"), *reader.near(line, "consent"))]
    noes = sorted([*(stated for stated in said if stated in NOES), *([ENDED] if reader.ended(line) else [])])
    own = reader.cell(line, "age_at_referral")
    ages = [reader.age(own, line)] if own else []
    reference = reader.cell(line, "reference")
    beside = [c for c in reader.near(line, "age_at_referral") if c and not (c == reference and _REFERENCE.fullmatch(c))]
    # A day in a neighbouring cell is the referral's, not a birth date.
    ages += [reader.age(cell, line) for cell in beside if reader.moment(cell) is None]
    nations = (reader.nation(cell) for cell in (reader.cell(line, "nation"), *reader.near(line, "nation")))
    return First(
        age=CHILD if CHILD in ages else None,
        consent=None,
        no=reader.no(line, noes[-1], None) if noes else None,
        nation=next((nation for nation in nations if nation), None),
    )
