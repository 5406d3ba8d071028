"""What is kept of an import while it goes on does not grow with its file."""

from dataclasses import replace
from datetime import UTC, datetime

from services.case.imports.rules.progress import MOST_PROBLEMS, WAITING, Import
from services.case.imports.rules.said import Problem
from services.case.imports.rules.settling import UNMATCHED, Outcome

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


def test_what_is_heard_of_a_refused_file_is_told_once():
    """Whoever was killed begins again with the file's first row; no row of it is carried out."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    one = Import(id="i", state=WAITING, profile=None, source=None, actor_id="a", received_at=at)
    ended, unmatched = Outcome(kind="QUARANTINED", ended=True), Outcome(kind="HELD", problems=(UNMATCHED,))
    one = one.heard([(2, ended), (3, unmatched)]).heard([(2, replace(ended, ended=False)), (3, unmatched)])
    assert [(problem["row"], problem["code"]) for problem in one.problems] == [(3, "no-unmatched")]
    assert (one.consents_ended, one.counts, one.done, one.held_rows) == (1, {}, 0, ())
