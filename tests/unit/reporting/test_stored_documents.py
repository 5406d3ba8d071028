"""What reporting stores stays in its form: other versions beside this one and restored backups read it."""

from datetime import timedelta

import pytest

from services.reporting.contributions.documents import CONTRIBUTION, contribution_from
from services.reporting.periods.documents import (
    JUDGEMENT,
    RELEASE,
    SIGN_OFF,
    TASK,
    VECTOR,
    Judgement,
    Release,
    SealedVector,
    sealed_from,
    signed_from,
    task_from,
)
from services.reporting.periods.signature import SignedPreview, signed_episodes
from services.reporting.periods.task import KeptTask
from tests.unit.reporting.episodes import SEAL, episode, task, version

TASK_OF_BOARD = task("2026-Q3")
KEPT = KeptTask(**vars(TASK_OF_BOARD), terms={"draft": {}, "of_tomorrow": 1}, task_hash="a" * 64)
MOVED = episode(version("2026-09")).with_version(version("2026-10", recorded=10, seq=2), [SEAL])
FIGURES = {"people": 1, "counts": {"GENDER": {"FEMALE": 1}}, "left_out": {"REFUSED": 2}}
SIGNED = SignedPreview(
    id="t", actor_id="lead", signed_at=SEAL, task_signature="b" * 128, digest="c" * 64, complete_through=SEAL,
    episodes=signed_episodes([MOVED], TASK_OF_BOARD), **FIGURES,
)  # fmt: skip
SEALED = SealedVector(
    id="t", report_id="r", sealed_at=SEAL, provenance_salt=b"s" * 32, provenance="d" * 64, counted=(("c1", "e1"),),
    **FIGURES,
)  # fmt: skip
TASK_NAMES = (
    "_id id period covers plan_id plan_hash nation setting seal_at closes_at board_key custodian_key terms task_hash "
    "state reason"
)


@pytest.mark.parametrize(
    ("stored", "names"),
    [
        (CONTRIBUTION.document(MOVED), "_id person_id quarters versions moves fixed"),
        (TASK.document(KEPT), TASK_NAMES),
        (
            SIGN_OFF.document(SIGNED),
            "_id actor_id signed_at task_signature digest complete_through episodes people counts left_out",
        ),
        (
            VECTOR.document(SEALED),
            "_id report_id sealed_at provenance_salt provenance counted people counts left_out",
        ),
        (
            JUDGEMENT.document(Judgement(id="e", task_id="t", period="2026", outcome="TAKEN", reason="NONE", at=SEAL)),
            "_id task_id period outcome reason at",
        ),
        (RELEASE.document(Release(id="r", period="2026", task_id="t")), "_id period task_id"),
    ],
    ids=["contribution", "task", "sign-off", "vector", "judgement", "release"],
)
def test_each_has_these_fields_and_no_other(stored, names):
    """In this order; the unit of work adds version and tenant."""
    assert list(stored) == names.split()


def test_lists_and_their_rows_have_a_form_too():
    """What stands within a document is read by name as well."""
    contribution = CONTRIBUTION.document(MOVED)
    assert contribution["quarters"] == ["2026-Q3", "2026-Q4"]
    assert [set(move) for move in contribution["moves"]] == [{"quarter", "at"}]
    assert list(contribution["versions"][0]) == [
        "state", "quarter", "facts", "reason", "effective_from", "until", "recorded_at", "facts_recorded_at",
        "event_id", "sequence",
    ]  # fmt: skip
    assert contribution["versions"][0]["facts"]["exploitation_types"] == ["LABOUR"]
    assert VECTOR.document(SEALED)["counted"] == [{"contribution_id": "c1", "consent_event_id": "e1"}]
    assert TASK.document(KEPT)["covers"] == ["2026-Q3"]


def test_what_was_stored_is_read_back():
    """Each value is the one that was kept."""
    assert contribution_from(CONTRIBUTION.document(MOVED)) == MOVED
    assert task_from(TASK.document(KEPT)) == KEPT
    assert signed_from(SIGN_OFF.document(SIGNED)) == SIGNED
    assert sealed_from(VECTOR.document(SEALED)) == SEALED


def test_a_contribution_of_before_moves_were_kept_is_read():
    """It has moved nowhere that is known, and was fixed in no period."""
    stored = CONTRIBUTION.document(episode(version(recorded=-20), person="p"))
    found = contribution_from({name: stored[name] for name in ("_id", "person_id", "quarters", "versions")})
    assert (found.moves, found.fixed) == ((), ())
    assert found.as_of(SEAL + timedelta(days=1)) == found.versions[0]
