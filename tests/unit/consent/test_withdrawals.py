"""The proof of a withdrawal: who is asked, how often, by when, and when it is whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consent.ledger.standing import EFFECTIVE, ENDING, Entry
from services.consent.purposes.register import PURPOSES
from services.consent.withdrawals.commands import FINDINGS, REFUSED_BY_LAW
from services.consent.withdrawals.rules import (
    COUNTS_WITHIN,
    MOST_ASKED,
    OPEN,
    PROVEN,
    RECIPIENT,
    SERVICE,
    SERVICES_WITHIN,
    Proof,
    Question,
    ends_a_permission,
    parties,
    proof_key,
)
from shared.codelists.lists import get
from shared.contracts.withdrawal import IN_NO_UNSEALED_VECTOR, KEPT_FOR_SUPPORT_ONLY, LATER_YES, NO_YES_IS_SERVED

NOW = datetime(2026, 8, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def line(status, *, superseded=False):
    return Entry(status=status, said_at=NOW, recorded_at=NOW, actor_id="a", source="DIRECT", superseded=superseded)


def question(name, kind=SERVICE, **values):
    said = {"party": name, "kind": kind, "due_at": NOW + DAY, "asked": 1, "asked_at": NOW, **values}
    return Question(id=f"q-{name}", **said)


def proof(*questions):
    return Proof(
        id="p", consent_id="c", survivor_id="s", purpose="SHARE_WITH_NAMED_AGENCY", recipient_class=None,
        status="WITHDRAWN", effective_at=NOW, recorded_at=NOW, consent_sequence=2, counted=(), questions=questions,
    )  # fmt: skip


def lines(*statuses):
    return tuple(line(one) for one in statuses)


class TestWhatNeedsAProof:
    @pytest.mark.parametrize("ending", sorted(ENDING))
    @pytest.mark.parametrize("yes", sorted(EFFECTIVE))
    def test_every_end_of_a_yes_does(self, yes, ending):
        """Whoever ended it, and however."""
        assert ends_a_permission(lines(yes), lines(yes, ending))

    @pytest.mark.parametrize(
        ("before", "after"),
        [((), ("REFUSED",)), (("REQUESTED",), ("REQUESTED", "REFUSED")), (("GIVEN",), ("GIVEN", "EXPIRED")),
         (("GIVEN", "WITHDRAWN"), ("GIVEN", "WITHDRAWN", "REFUSED")), (("GIVEN",), ("GIVEN",)),
         (("GIVEN", "WITHDRAWN"), ("GIVEN", "WITHDRAWN"))],
    )  # fmt: skip
    def test_where_nothing_stood_nothing_is_to_be_proven(self, before, after):
        """A no that was never a yes, the end of a year, and what was proven before."""
        assert not ends_a_permission(lines(*before), lines(*after))

    @pytest.mark.parametrize("between", ["EXPIRED", "RECONFIRM_REQUIRED", "REQUESTED", "DEFERRED"])
    def test_a_yes_that_no_longer_stood_does_too(self, between):
        """Something may have been sent while it did; also where a corrected file replaced it."""
        assert ends_a_permission(lines("GIVEN", between), lines("GIVEN", between, "WITHDRAWN"))
        replaced = (line("GIVEN", superseded=True),)
        assert ends_a_permission(replaced, (*replaced, line("REFUSED")))

    def test_each_end_has_one_proof(self):
        """Whoever writes it down twice."""
        assert proof_key("c", 2) == proof_key("c", 2)
        assert len({proof_key("c", 2), proof_key("c", 3), proof_key("d", 2)}) == 3


class TestWhomToAsk:
    @pytest.mark.parametrize("purpose", PURPOSES.values(), ids=lambda one: one.code)
    def test_every_holder_and_every_recipient_outside(self, purpose):
        """Each service once; a recipient where anything of one person can leave; nobody at the centre."""
        asked = parties(purpose.code, None, counted=True)
        assert [name for name, kind, _ in asked if kind == SERVICE] == list(purpose.held_by)
        outside = [name for name, kind, _ in asked if kind == RECIPIENT]
        assert outside == ([purpose.recipients[0]] if purpose.leaves else [])
        assert not {"board", "custodian"} & {name for name, _, _ in asked}

    def test_the_recipient_is_the_one_to_whom_it_was_given(self):
        """One of several classes has a question of its own."""
        asked = parties("LEARNING_CASE_STUDY_ANONYMISED", "PUBLIC", counted=False)
        assert [name for name, kind, _ in asked if kind == RECIPIENT] == ["PUBLIC"]

    def test_the_statistics_have_as_long_as_a_seal_that_passed(self):
        """The others a day; and they are not asked of what was never stated there."""
        within = {name: within for name, _, within in parties("AGGREGATE_STATISTICS", None, counted=True)}
        assert (within["reporting"], within["case"]) == (COUNTS_WITHIN, SERVICES_WITHIN)
        assert "reporting" not in {name for name, _, _ in parties("AGGREGATE_STATISTICS", None, counted=False)}


class TestAnswers:
    def test_it_is_proven_once_everybody_answered(self):
        """Not before; the moment is the last answer's, and one who is silent holds up nobody."""
        one = proof(question("case"), question("NAMED_AGENCY", RECIPIENT))
        half = one.answered("q-NAMED_AGENCY", "REFUSED", at=NOW, finding="REFUSED_BY_LAW", legal_reason="COURT_ORDER")
        assert (half.state, half.proven_at) == (OPEN, None)
        whole = half.answered("q-case", "DONE", at=NOW + HOUR, finding="STOPPED")
        assert (whole.state, whole.proven_at) == (PROVEN, NOW + HOUR)

    def test_a_done_stays_and_a_refusal_may_become_one(self):
        """Nothing is called back by a late or repeated answer."""
        asked = proof(question("case"))
        refused = asked.answered("q-case", "REFUSED", at=NOW, finding="REFUSED_BY_LAW", legal_reason="COURT_ORDER")
        other = refused.answered(
            "q-case", "REFUSED", at=NOW + HOUR, finding="REFUSED_BY_LAW", legal_reason="SAFEGUARDING_DUTY"
        )
        assert (other.questions[0].legal_reason, other.proven_at) == ("SAFEGUARDING_DUTY", NOW)
        done = other.answered("q-case", "DONE", at=NOW + HOUR, finding="DELETED")
        assert (done.questions[0].answer, done.questions[0].legal_reason) == ("DONE", None)
        assert done.proven_at == NOW
        assert done.answered("q-case", "REFUSED", at=NOW + DAY, finding="REFUSED_BY_LAW") == done
        assert done.answered("q-case", "DONE", at=NOW + DAY, finding="STOPPED") == done

    @pytest.mark.parametrize("answer", ["", "YES", "done", "DONE_LATER"])
    def test_what_nobody_knows_as_an_answer_is_none(self, answer):
        """It stays open, and is chased."""
        assert proof(question("case")).answered("q-case", answer, at=NOW, finding="STOPPED").state == OPEN

    def test_an_answer_to_another_question_changes_nothing(self):
        """Of this withdrawal."""
        one = proof(question("case"))
        assert one.answered("q-other", "DONE", at=NOW, finding="STOPPED") == one

    @given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=6))
    def test_order_and_repeats_do_not_matter(self, order, again):
        """However answers are delayed, doubled or turned round, what stands in the end is the same."""
        names = ("case", "integrations", "reporting", "NAMED_AGENCY")
        asked = proof(*(question(name, RECIPIENT if name.isupper() else SERVICE) for name in names))
        found = asked
        for n in (*order, *again):
            found = found.answered(f"q-{names[n]}", "DONE", at=NOW, finding="STOPPED")
        assert found == replace(
            asked,
            questions=tuple(replace(q, answer="DONE", finding="STOPPED", answered_at=NOW) for q in asked.questions),
            proven_at=NOW,
        )


class TestChasing:
    def test_a_silent_service_is_asked_again_with_growing_pauses(self):
        """From a minute to an hour; the others are left alone."""
        asked, pauses, at = proof(question("case"), question("integrations", answer="DONE", finding="STOPPED")), [], NOW
        for _ in range(9):
            step = asked.next_step_at(NOW + 30 * DAY)
            pauses.append(step - at)
            at = step
            assert [one.party for one in asked.to_ask(at)] == ["case"]
            assert asked.to_ask(at - timedelta(seconds=1)) == ()
            asked = asked.asked_again(frozenset({"q-case"}), at)
        assert pauses == [MINUTE * n for n in (1, 2, 4, 8, 16, 32, 60, 60, 60)]

    def test_it_ends_some_day(self):
        """After the last time it is only shown as late."""
        tired = proof(question("case", asked=MOST_ASKED))
        assert tired.to_ask(NOW + 100 * DAY) == ()
        assert tired.next_step_at(NOW + 100 * DAY) is None
        assert [one.party for one in tired.late(NOW + 100 * DAY)] == ["case"]

    def test_a_person_is_waited_for_and_not_asked(self):
        """They are late from the moment when it was due."""
        one = proof(question("NAMED_AGENCY", RECIPIENT))
        assert one.to_ask(NOW + 100 * DAY) == ()
        assert one.next_step_at(NOW) == NOW + DAY
        assert one.late(NOW + DAY - MINUTE) == ()
        assert len(one.late(NOW + DAY)) == 1


def test_every_finding_that_anybody_gives_has_words_of_its_own():
    """A code that no list has would stand on the proof as a program says it."""
    given = {IN_NO_UNSEALED_VECTOR, KEPT_FOR_SUPPORT_ONLY, LATER_YES, NO_YES_IS_SERVED, REFUSED_BY_LAW, *FINDINGS}
    known = get("withdrawal_finding")
    assert given <= set(known.codes)
    assert len({known.label(code) for code in known.codes}) == len(known.codes)
