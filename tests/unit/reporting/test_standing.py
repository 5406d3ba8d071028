"""How a period and a connection stand, in words."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.connection.rules import backlog, consent_proven, last_mark, missing_messages, parked
from services.reporting.periods.standing import changes, standing
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan
from shared.kernel.streams import Progress

PLAN = load_plan("year-v1")
PERIOD = Period.parse("2026-Q3")
SEAL = PERIOD.seal_at()


def preview(**values):
    return {
        "period": "2026-Q3", "state": "OPEN", "reason": None, "signature": "UNSIGNED", "consent_proven": True,
        "seal_at": SEAL, "closes_at": PERIOD.closes_at(), **values,
    }  # fmt: skip


class TestStanding:
    @pytest.mark.parametrize(
        ("values", "days", "word", "may_sign"),
        [
            ({}, -20, "In progress", False),
            ({}, -5, "To be signed", True),
            ({"signature": "SIGNATURE_LAPSED"}, -5, "Sign again", True),
            ({"signature": "SIGNED"}, -5, "Signed", True),
            ({}, 1, "Not signed in time", False),
            ({"signature": "SIGNED", "consent_proven": False}, 1, "Waiting for proof", False),
            ({"signature": "SIGNED"}, 1, "About to be sealed", False),
            ({"state": "SEALED", "on_its_way": 1}, 1, "Sealed", False),
            ({"state": "SEALED"}, 1, "Sent", False),
            ({"state": "NOT_SENT", "reason": "CONSENT_UNPROVEN"}, 4, "Not sent", False),
        ],
    )
    def test_each_moment_has_its_word(self, values, days, word, may_sign):
        """And whoever must do something is told what; a form is offered only when signing is possible."""
        found = standing(preview(**values), SEAL + timedelta(days=days))
        assert (found.word, found.may_sign) == (word, may_sign)
        assert bool(found.next_step) == (found.kind in ("wait", "bad"))

    def test_an_end_without_a_known_reason_is_still_said(self):
        """A page of this version reads what another one wrote."""
        assert "No report was sent" in standing(preview(state="NOT_SENT", reason="OF_TOMORROW"), SEAL).sentence


def figures(people, left_out, **cells):
    tables = {t.id: dict.fromkeys((c.code for c in t.levels[0].categories), 0) for t in PLAN.tables}
    for name, number in cells.items():
        tables["GENDER"][name] = number
    return {"people": people, "tables": tables, "left_out": left_out}


class TestChanges:
    def test_only_what_differs_is_set_side_by_side(self):
        """With its sign, and with each reason that rose or fell."""
        signed = figures(3, {"UNKNOWN": 2, "REFUSED": 1}, FEMALE=3)
        later = figures(2, {"UNKNOWN": 1, "REFUSED": 1, "WITHDRAWN": 2}, FEMALE=2)
        found = changes(signed, later, PLAN)
        assert [(r["title"], r["signed"], r["later"], r["difference"]) for r in found["rows"]] == [
            ("People counted", 3, 2, -1),
            ("Gender", 3, 2, -1),
        ]
        assert [(r["code"], r["more"]) for r in found["reasons"]] == [("UNKNOWN", -1), ("WITHDRAWN", 2)]

    def test_equal_figures_differ_in_nothing(self):
        """Nor do they have a reason."""
        same = figures(3, {"UNKNOWN": 2}, FEMALE=3)
        assert changes(same, same, PLAN) == {"rows": [], "reasons": []}


class TestConnection:
    @given(
        st.sets(st.integers(min_value=1, max_value=60)),
        st.lists(st.integers(min_value=0, max_value=60), min_size=1, max_size=5),
    )
    def test_missing_is_what_was_announced_and_is_not_committed(self, committed, lasts):
        """Whatever arrived out of order, and however many marks are out."""
        progress = Progress().with_committed(committed)
        for minute, last in enumerate(sorted(lasts)):
            progress = progress.with_mark(SEAL + timedelta(minutes=minute), last)
        assert missing_messages(progress) == len(set(range(1, max(lasts) + 1)) - committed)

    def test_proof_needs_case_as_well_as_consent_and_grows_old(self):
        """The older of the two counts."""
        progress = Progress().with_mark(SEAL, 0, {})
        assert consent_proven(progress, SEAL).word == "Not yet"
        progress = Progress().with_mark(SEAL, 0, {"case": SEAL - timedelta(minutes=2)})
        fresh = consent_proven(progress, SEAL)
        assert (fresh.word, fresh.at) == ("Up to date", SEAL - timedelta(minutes=2))
        # Two marks of a minute and a quarter each lie behind a proof, so a little later is no fault yet.
        assert consent_proven(progress, SEAL + timedelta(seconds=1)).kind == "wait"
        assert consent_proven(progress, SEAL + timedelta(seconds=121)).kind == "bad"

    def test_silence_and_a_gap_are_told_apart(self):
        """No mark, an old mark, a mark with something missing, and a whole one."""
        whole = Progress().with_mark(SEAL, 0)
        gap = whole.with_mark(SEAL + timedelta(minutes=1), 3)
        now = SEAL + timedelta(minutes=2)
        assert last_mark(Progress(), now).word == "None yet"
        assert last_mark(whole, now).word == "Heard"
        assert last_mark(whole, now + timedelta(seconds=1)).word == "Silent"
        assert last_mark(gap, now).value.startswith("3 announced")

    def test_everything_bad_has_a_cure(self):
        """Nobody is left with a red word alone."""
        old = SEAL - timedelta(hours=1)
        progress = Progress().with_mark(old, 0, {"case": old})
        for found in (
            consent_proven(progress, SEAL),
            last_mark(progress, SEAL),
            parked(2),
            parked(None),
            backlog("board", 1, old, real_now=SEAL),
        ):
            assert found.kind == "bad"
            assert found.cure
        assert backlog("custodian", 1, SEAL, real_now=SEAL + timedelta(seconds=60)).kind == "wait"
        assert backlog("custodian", 1, SEAL, real_now=SEAL + timedelta(seconds=61)).kind == "bad"
