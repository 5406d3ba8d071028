"""The gate's rule and the ledger under it: explicit examples, and a model that shares no code, in any order.

The model is declarative and recursive, the product folds; both see only what was accepted and in which order it was
written down.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.consent.gate.rules import Ruling, rule, unless_restricted
from services.consent.ledger.errors import (
    AskedTooOftenError,
    AskedTooSoonError,
    NothingToWithdrawError,
    SaidInFutureError,
    TransitionRefusedError,
)
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import Entry
from services.consent.ledger.statements import Statement
from services.consent.wordings.rules import Wording
from shared.contracts.consent import permits

NOW = datetime(2026, 8, 1, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
PURPOSE = "AGGREGATE_STATISTICS"
ENDS = ("REFUSED", "INVALIDATED", "REVOKED_BY_CONTROLLER", "CAPACITY_NOT_ESTABLISHED")
WORDS = Wording(
    code="w1", purpose=PURPOSE, recipient_class="PROJECT_BOARD", languages=(), valid_from=NOW - 3000 * DAY,
    valid_to=None,
)  # fmt: skip


def entry(status, *, said, recorded=None, source="DIRECT"):
    recorded = said if recorded is None else recorded
    return Entry(status=status, said_at=NOW + said * DAY, recorded_at=NOW + recorded * DAY, actor_id="a", source=source)


def ledger(*steps):
    """A ledger after (what, day said, day recorded) of each step; ``file …`` is what an imported row says."""
    consent = Consent(id="c", survivor_id="s", purpose=PURPOSE)
    for what, said, recorded in steps:
        consent = taken(consent, what, said, recorded)
    return consent


def taken(consent, what, said, recorded):
    if what == "WITHDRAWN":
        return consent.withdrawn(entry(what, said=said, recorded=recorded))
    if what == "EXPIRED":
        return consent.expired(entry(what, said=said, recorded=recorded, source="CLOCK"))
    if what.startswith("file "):
        statement = Statement(
            stated=what.removeprefix("file "), said_at=None if said is None else NOW + said * DAY, wording_code="w1",
            language="en", method="WRITTEN", setting_private=True,
        )  # fmt: skip
        return consent.weighed(statement, [WORDS], entry("UNKNOWN", said=recorded, source="IMPORT"))
    return consent.decided(entry(what, said=said, recorded=recorded))


def permitted(consent, day):
    """Whether the gate may release at noon of a day."""
    at = NOW + day * DAY + timedelta(hours=12)
    ruling = rule(consent, excluded=False, recorded_in_error=False, facts_recorded_at=NOW, at=at)
    return ruling.reason is None


class TestANoWins:
    @pytest.mark.parametrize("what", [*ENDS, "WITHDRAWN", "file REFUSED", "file WITHDRAWN"])
    @pytest.mark.parametrize("said", [-30, 0, 3])
    def test_it_ends_a_yes_whatever_day_it_is_dated(self, what, said):
        """Said or found before the yes, on its day or after: out from when it is written down."""
        assert not permitted(ledger(("GIVEN", 0, 0), (what, said, 5)), 6)

    @pytest.mark.parametrize("what", [*ENDS, "WITHDRAWN", "file REFUSED", "file WITHDRAWN"])
    def test_a_yes_said_after_it_counts_and_one_said_before_it_does_not(self, what):
        """A paper of the day before, written down late, brings nobody back."""
        ended = ledger(("GIVEN", 0, 0), (what, 5, 5))
        assert permitted(taken(ended, "GIVEN", 6, 7), 8)
        assert not permitted(taken(ended, "GIVEN", 4, 7), 8)

    def test_a_yes_no_older_than_the_one_that_ended_does_not_come_back(self):
        """Found invalid for a day before it: a second paper of a day between them is of the same time."""
        ended = ledger(("GIVEN", 10, 10), ("INVALIDATED", 5, 12))
        assert not permitted(taken(ended, "GIVEN", 7, 13), 14)
        assert permitted(taken(ended, "GIVEN", 13, 13), 14)

    @pytest.mark.parametrize("what", [*ENDS, "file WITHDRAWN", "file REFUSED"])
    @pytest.mark.parametrize(
        "before",
        [[], [("REQUESTED", 0, 0)], [("DEFERRED", 0, 0)], [("file YES_UNSPECIFIED", -3, 0)], [("REFUSED", 0, 0)],
         [("GIVEN", 0, 0)], [("GIVEN", 0, 0), ("WITHDRAWN", 1, 1)]],
    )  # fmt: skip
    def test_it_is_taken_in_every_state(self, what, before):
        """Also where nothing was ever given; a yes of before then counts no more."""
        consent = taken(ledger(*before), what, 2, 2)
        assert not permitted(consent, 3)
        assert not permitted(taken(consent, "file GIVEN", 1, 4), 5)
        assert not permitted(taken(consent, "GIVEN", 1, 4), 5)

    @pytest.mark.parametrize("no", ["WITHDRAWN", "REFUSED", "INVALIDATED", "file WITHDRAWN"])
    def test_a_yes_of_a_file_that_waits_never_comes_back_after_a_no(self, no):
        """The words are registered later: weighing the file's yes again changes nothing."""
        asked = Consent(id="c", survivor_id="s", purpose=PURPOSE)
        statement = Statement(
            stated="GIVEN", said_at=NOW - 3 * DAY, wording_code="w1", language="en", method="WRITTEN",
            setting_private=True,
        )  # fmt: skip
        waiting = asked.weighed(statement, [], entry("UNKNOWN", said=0, source="IMPORT"))
        assert waiting.waits
        ended = taken(waiting, no, 1, 1)
        assert not ended.waits
        again = ended.weighed(statement, [WORDS], entry("UNKNOWN", said=2, source="WORDING_REGISTERED"))
        assert not permitted(again, 3)

    @pytest.mark.parametrize("said", [None, 1, 5, 10])
    @pytest.mark.parametrize("stated", ["GIVEN", "YES_UNSPECIFIED"])
    def test_a_yes_of_a_file_that_is_not_later_than_the_no_does_not_hide_it(self, stated, said):
        """Undated, of before it or of its day: the no stands, in the count and on the screen."""
        ended = ledger(("file GIVEN", 0, 1), ("file WITHDRAWN", 10, 12))
        after = taken(ended, f"file {stated}", said, 20)
        assert (after.status, permitted(after, 21)) == ("WITHDRAWN", False)

    def test_a_file_that_moves_its_yes_back_before_the_no_ends_it(self):
        """A no dated before the yes that it ended; a later yes; and a correction to a day between the two."""
        ended = ledger(("file GIVEN", 10, 11), ("file WITHDRAWN", 5, 12))
        again = taken(ended, "file GIVEN", 13, 14)
        assert permitted(again, 15)
        assert not permitted(taken(again, "file GIVEN", 8, 16), 17)

    def test_a_blank_changes_nothing(self):
        """Neither the lines nor what waits."""
        for steps in ([("GIVEN", 0, 0)], [("file GIVEN", 0, 1)], [("file YES_UNSPECIFIED", 0, 1)], [("REFUSED", 0, 0)]):
            consent = ledger(*steps)
            assert taken(consent, "file NOT_STATED", None, 5) == consent


class TestTime:
    def test_a_year_is_the_last_day_but_not_the_next(self):
        """At its end it permits nothing, whether or not anybody noticed."""
        consent = ledger(("GIVEN", 0, 0))
        assert permitted(consent, 364)
        assert not permitted(consent, 365)

    @pytest.mark.parametrize("what", ["GIVEN", "RENEWED"])
    def test_a_renewal_said_in_time_and_written_down_late_counts(self, what):
        """The job has noted the end meanwhile; she had renewed before it."""
        late = ledger(("GIVEN", 0, 0), ("EXPIRED", 365, 365), (what, 360, 380))
        assert permitted(late, 381)
        assert not permitted(late, 360 + 365)

    def test_the_ruling_says_since_when_until_when_and_when_it_was_written_down(self):
        """What the count at the seal needs."""
        consent = ledger(("GIVEN", 0, 3))
        facts = {"excluded": False, "recorded_in_error": False, "facts_recorded_at": NOW}
        yes = rule(consent, **facts, at=NOW + 10 * DAY)
        assert (yes.effective_at, yes.until, yes.decided_recorded_at) == (NOW, NOW + YEAR, NOW + 3 * DAY)
        past = rule(consent, **facts, at=NOW + 400 * DAY)
        assert (past.reason, past.effective_at, past.decided_recorded_at) == ("EXPIRED", NOW + YEAR, NOW + YEAR)

    def test_flags_of_the_episode_come_first(self):
        """Recorded in error, then the caseworker's flag, then the ledger."""
        consent = ledger(("REFUSED", 0, 0))
        asked = {"facts_recorded_at": NOW, "at": NOW + DAY}
        reasons = [
            rule(consent, excluded=excluded, recorded_in_error=error, **asked).reason
            for excluded, error in ((True, True), (True, False), (False, False))
        ]
        assert reasons == ["RECORDED_IN_ERROR", "EXCLUDED_BY_CASEWORKER", "REFUSED"]

    def test_the_interval_is_half_open(self):
        """From the moment it was said, until the moment it ends."""
        asked = [permits(NOW, NOW + DAY, NOW + delta) for delta in (-DAY, 0 * DAY, DAY - timedelta.resolution, DAY)]
        assert asked == [False, True, True, False]
        assert permits(NOW, None, NOW + 9999 * DAY)


class TestAskingAgain:
    @pytest.mark.parametrize("no", [("REFUSED", 0, 0), ("WITHDRAWN", 0, 0)])
    def test_not_before_ninety_days_and_not_more_than_twice(self, no):
        """14.6: each time after 90 days, and then never again unless they raise it."""
        consent = ledger(*([("GIVEN", -5, -5)] if no[0] == "WITHDRAWN" else []), no)
        for day in (0, 89):
            with pytest.raises(AskedTooSoonError):
                taken(consent, "REQUESTED", day, day)
        once = taken(consent, "REQUESTED", 90, 90)
        with pytest.raises(AskedTooSoonError):
            taken(once, "REQUESTED", 179, 179)
        twice = taken(once, "REQUESTED", 180, 180)
        with pytest.raises(AskedTooOftenError):
            taken(twice, "REQUESTED", 1000, 1000)
        assert permitted(taken(twice, "GIVEN", 1000, 1000), 1001)

    def test_neither_putting_off_nor_a_yes_that_counts_not_begins_it_anew(self):
        """Deferred after the no, or a paper of before it: the 90 days hold."""
        for way in (("DEFERRED", 1, 1), ("GIVEN", -1, 1)):
            with pytest.raises(AskedTooSoonError):
                taken(ledger(("REFUSED", 0, 0), way), "REQUESTED", 2, 2)

    def test_a_year_that_ran_out_is_asked_again_under_the_same_rule(self):
        """Expired: after 90 days; in time they may renew whenever they raise it."""
        passed = ledger(("GIVEN", 0, 0), ("EXPIRED", 365, 365))
        with pytest.raises(AskedTooSoonError):
            taken(passed, "REQUESTED", 400, 400)
        assert taken(passed, "REQUESTED", 455, 455).status == "REQUESTED"

    def test_an_asking_of_before_the_no_is_only_written_down(self):
        """Recorded late, it neither is refused nor hides the no."""
        assert taken(ledger(("REFUSED", 0, 0)), "REQUESTED", -1, 2).status == "REFUSED"

    @pytest.mark.parametrize("what", ["REVOKED_BY_CONTROLLER", "INVALIDATED", "CAPACITY_NOT_ESTABLISHED"])
    def test_what_the_organisation_ended_may_be_asked_again(self, what):
        """At once: it was no decision of theirs."""
        ended = ledger(("GIVEN", 0, 0), (what, 1, 1))
        assert taken(ended, "REQUESTED", 2, 2).status == "REQUESTED"
        assert permitted(taken(ended, "GIVEN", 2, 2), 3)


def in_force(acts):
    """The model: the day of the yes that stands after these acts, or None. An act is (kind, said), in written order."""
    standing = []
    for place, (kind, said) in enumerate(acts):
        if kind != "yes":
            continue
        before, after = acts[:place], acts[place + 1 :]
        ended_since = any(later == "no" for later, _ in after)
        outdated = any(
            said < max(no_said, -10_000 if (stood := in_force(before[:at])) is None else stood)
            for at, (earlier, no_said) in enumerate(before)
            if earlier == "no"
        )
        if not ended_since and not outdated:
            standing.append(said)
    return max(standing, default=None)


KIND = {**dict.fromkeys([*ENDS, "WITHDRAWN"], "no"), "GIVEN": "yes", "RENEWED": "yes"}
WHAT = st.sampled_from(["GIVEN", "GIVEN", "GIVEN", "RENEWED", "WITHDRAWN", "EXPIRED", "DEFERRED", "REQUESTED", *ENDS])
PLANS = st.lists(st.tuples(WHAT, st.integers(0, 500), st.sampled_from([0, 0, 1, 3, 40, 364, 366])), max_size=8)


@given(PLANS)
@settings(max_examples=200, deadline=None)
@example([("GIVEN", 10, 0), ("REFUSED", 12, 40)])
@example([("GIVEN", 10, 0), ("INVALIDATED", 12, 3), ("GIVEN", 13, 3)])
@example([("GIVEN", 10, 0), ("WITHDRAWN", 11, 40), ("GIVEN", 12, 3), ("GIVEN", 13, 0)])
@example([("GIVEN", 0, 0), ("EXPIRED", 365, 0), ("GIVEN", 380, 40)])
@example([("GIVEN", 100, 0), ("REVOKED_BY_CONTROLLER", 101, 0), ("GIVEN", 101, 0)])
def test_any_order_of_acts_is_as_the_model_says(planned):
    """Whatever is said when and written down when: the yes in force is the model's, for as long as its year lasts."""
    consent, acts, last = Consent(id="c", survivor_id="s", purpose=PURPOSE), [], 0
    for what, recorded, earlier in sorted(planned, key=lambda one: one[1]):
        said, last = recorded - earlier, recorded
        if what == "EXPIRED":
            until = consent.until
            if until is not None and until <= NOW + recorded * DAY:
                consent = consent.expired(Entry(
                    status="EXPIRED", said_at=until, recorded_at=NOW + recorded * DAY, actor_id="a", source="CLOCK"
                ))  # fmt: skip
            continue
        try:
            consent = taken(consent, what, said, recorded)
        except (
            NothingToWithdrawError,
            SaidInFutureError,
            TransitionRefusedError,
            AskedTooSoonError,
            AskedTooOftenError,
        ):
            continue
        if what in KIND:
            acts.append((KIND[what], said))
    stands = in_force(acts)
    for day in (last, last + 1, last + 200, last + 364, last + 365):
        assert permitted(consent, day) == (stands is not None and day < stands + 365), (acts, day)


def test_whoever_is_restricted_is_counted_by_no_seal_of_that_time():
    """Withheld while it holds; afterwards the permission counts as decided then. A no is what it was."""
    yes = Ruling(reason=None, effective_at=NOW, until=NOW + YEAR, decided_recorded_at=NOW)
    no = Ruling(reason="WITHDRAWN", effective_at=NOW, until=None, decided_recorded_at=NOW)
    held = unless_restricted(yes, since=NOW + DAY, lifted_at=None)
    assert (held.reason, held.until, held.decided_recorded_at) == ("RESTRICTED", None, NOW + DAY)
    lifted = unless_restricted(yes, since=None, lifted_at=NOW + 2 * DAY)
    assert (lifted.reason, lifted.effective_at, lifted.decided_recorded_at) == (None, NOW, NOW + 2 * DAY)
    assert unless_restricted(yes, since=None, lifted_at=NOW - DAY) == yes
    assert unless_restricted(yes, since=None, lifted_at=None) == yes
    assert unless_restricted(no, since=NOW + DAY, lifted_at=NOW) == no
