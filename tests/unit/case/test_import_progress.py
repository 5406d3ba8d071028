"""What is kept of an import while it goes on does not grow with its file."""

from datetime import UTC, datetime

from services.case.imports.rules.progress import MOST_PROBLEMS, WAITING, Import
from services.case.imports.rules.said import Problem
from services.case.imports.rules.settling import Outcome

HELD = Outcome(kind="HELD", problems=(Problem(column="age_at_referral", code="age-not-known", sentence="Find out."),))


def test_of_many_rows_to_mend_the_first_are_listed_and_all_are_counted():
    """Chunk after chunk: a list that held every row of a long file would be written anew with each of its chunks."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    one = Import(id="i", state=WAITING, profile=None, source=None, actor_id="a", received_at=at)
    for start in range(0, 3 * MOST_PROBLEMS, 500):
        one = one.went_on([(start + n, HELD) for n in range(500)])
    assert (len(one.held_rows), one.held_rows[-1]) == (MOST_PROBLEMS, MOST_PROBLEMS - 1)
    assert (one.counts["HELD"], one.done) == (3 * MOST_PROBLEMS, 3 * MOST_PROBLEMS)
    assert (len(one.problems), one.problems_omitted) == (MOST_PROBLEMS, 2 * MOST_PROBLEMS)
