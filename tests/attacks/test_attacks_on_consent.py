"""A23: whatever order people, clocks and brokers take, exactly those are counted whose yes stood at the seal.

Stood means: said and written down by the seal, not withdrawn by it, not run out, and the episode's facts of that
moment belong to the period. The real handlers of consent and reporting run on documents in memory.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.consent.gate.facts import keep_facts
from services.consent.ledger.commands import RecordDecision, WithdrawConsent, record_decision, withdraw_consent
from services.consent.ledger.errors import NothingToWithdrawError, SaidInFutureError, TransitionRefusedError
from services.consent.ledger.jobs import expire
from services.consent.ledger.keys import consent_key
from services.reporting.contributions import facts as reporting
from services.reporting.contributions.documents import ContributionStore
from services.reporting.periods.rules import tally
from services.reporting.periods.task import Task
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan
from shared.contracts.case import StatisticsFactsChanged
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from tests.kit.memory_work import MemoryWork

PERIOD = Period.parse("2026-Q3")
SEAL = PERIOD.seal_at()
PLAN = load_plan("year-v1")
PURPOSE = "AGGREGATE_STATISTICS"
YEAR = timedelta(days=365)
HANDLERS = {FactsReleased: reporting.keep_released, FactsWithheld: reporting.keep_withheld}
TASK = Task(
    id="t", period=str(PERIOD), covers=(str(PERIOD),), plan_id=PLAN.id, plan_hash=PLAN.hash(), nation="ENGLAND",
    setting="OTHER", seal_at=SEAL, closes_at=PERIOD.closes_at(), board_key=b"", custodian_key=b"",
)  # fmt: skip


def facts(episode, *, month="2026-08", flag=None):
    return {"do": "facts", "episode": episode, "month": month, "flag": flag}


YES, NO, ENDS, RUNS_OUT, INVALID = ({"do": what} for what in ("yes", "no", "withdraw", "expire", "invalid"))
NOES = ("no", "withdraw", "invalid")


class Host:
    """One survivor with up to two episodes at one host, its consent service and its reporting service."""

    def __init__(self):
        self.survivor, self.episodes = new_id(), (new_id(), new_id())
        self.consent = MemoryWork(SEAL)
        self.consent.insert(
            "wordings",
            {"_id": "w1", "texts": [], "registrations": [{
                "code": "w1", "purpose": PURPOSE, "recipient_class": "PROJECT_BOARD", "languages": [],
                "valid_from": datetime(2020, 1, 1, tzinfo=UTC), "valid_to": None,
            }]},
        )  # fmt: skip
        self.reporting = MemoryWork(SEAL)
        self.reporting.insert("tasks", {"_id": "t", "seal_at": SEAL, "state": "OPEN"})

    def act(self, step, at, said):
        """Do one thing at a moment; True if it was accepted."""
        self.consent.now = at
        before = len(self.consent.stated)
        try:
            getattr(self, f"_{step['do']}")(step, at, said)
        except (NothingToWithdrawError, SaidInFutureError, TransitionRefusedError):
            assert len(self.consent.stated) == before
            return False
        return True

    def _facts(self, step, at, _said):
        event = StatisticsFactsChanged(
            episode_id=self.episodes[step["episode"]], survivor_id=self.survivor, referral_month=step["month"],
            gender="FEMALE", exploitation_types=("LABOUR",), region_of_nationality="ASIA", facts_recorded_at=at,
            **{name: step["flag"] == name for name in ("transfer_in", "excluded", "recorded_in_error")},
        )  # fmt: skip
        keep_facts(_received(event, at, 1), self.consent)

    def _yes(self, _step, _at, said):
        self._decide("GIVEN", said)

    def _no(self, _step, _at, said):
        self._decide("REFUSED", said)

    def _invalid(self, _step, _at, said):
        self._decide("INVALIDATED", said)

    def _decide(self, decision, said):
        command = RecordDecision(
            survivor_id=self.survivor, purpose=PURPOSE, decision=decision, said_at=said, wording_code="w1",
            language="en", method="VERBAL_IN_PERSON", setting_private=True, witness_role=None, actor_id="a",
        )  # fmt: skip
        record_decision(command, self.consent)

    def _withdraw(self, _step, _at, said):
        key = consent_key(self.survivor, PURPOSE)
        if self.consent.find("consents", key) is None:
            raise NothingToWithdrawError
        command = WithdrawConsent(consent_id=key, survivor_id=self.survivor, said_at=said, method=None, actor_id="a")
        withdraw_consent(command, self.consent)

    def _expire(self, _step, _at, _said):
        key = consent_key(self.survivor, PURPOSE)
        if self.consent.find("consents", key) is not None:
            expire(key, self.consent)

    def deliver(self, order):
        """Bring what consent stated to reporting in any order; the inbox lets each event in once."""
        events = [(e, s) for e, s in self.consent.stated if type(e) in HANDLERS]
        for place in order(len(events)):
            event, sequence = events[place]
            HANDLERS[type(event)](_received(event, self.consent.now, sequence), self.reporting)

    def counted(self):
        contributions = ContributionStore(self.reporting).of_quarters(TASK.quarters())
        return tally(contributions, PLAN, TASK).people


def _received(event, at, sequence):
    return Received(
        event=event, event_id=new_event_id(), sequence=sequence, stream_n=None, recorded_at=at, sender="alder"
    )


def by_the_rule(acts):
    """Whether the survivor counts: told from what was accepted, without the product's ledger."""
    told = [(step, said) for step, at, said in acts if at <= SEAL]
    known = {step["episode"]: step for step, _ in told if step["do"] == "facts"}
    yes = standing_yes([(step["do"], said) for step, said in told if step["do"] in ("yes", *NOES)])
    if yes is None or yes + YEAR <= SEAL:
        return 0
    return int(any(PERIOD.contains(e["month"]) and e["flag"] is None for e in known.values()))


def standing_yes(said_in_turn):
    """When the yes was said that stands: no no came after it, and it is not older than what an earlier no ended."""
    found = []
    for place, (what, said) in enumerate(said_in_turn):
        before, after = said_in_turn[:place], said_in_turn[place + 1 :]
        if what == "yes" and not any(later in NOES for later, _ in after):
            bars = [
                max(no, standing_yes(before[:n]) or no) for n, (earlier, no) in enumerate(before) if earlier in NOES
            ]
            if all(said >= bar for bar in bars):
                found.append(said)
    return max(found, default=None)


steps = st.one_of(
    st.builds(
        facts,
        st.sampled_from([0, 1]),
        month=st.sampled_from(["2026-06", "2026-08", "2026-10"]),
        flag=st.sampled_from([None, None, None, "transfer_in", "excluded", "recorded_in_error"]),
    ),
    st.sampled_from([YES, YES, YES, NO, ENDS, ENDS, RUNS_OUT, INVALID]),
)
days = st.sampled_from([-400, -366, -365, -364, -30, -3, -1, 0, 1, 2, 20])
moments = st.lists(st.tuples(steps, days, st.sampled_from([0, 0, 0, 1, 2, 40, 366])), max_size=9)


class TestEffectiveAndRecordedAtTheSeal:
    @given(moments, st.randoms(use_true_random=False))
    @settings(max_examples=250, deadline=None)
    @example([(facts(0), -30, 0), (YES, -30, 0), (ENDS, -1, 0), (YES, 1, 0)], None)
    @example([(facts(0), -30, 0), (YES, -30, 0), (ENDS, -1, 0), (facts(0), 1, 0)], None)
    @example([(facts(0), -30, 0), (YES, -30, 0), (NO, -3, 40)], None)
    @example([(facts(0), -30, 0), (YES, -30, 0), (INVALID, -3, 366), (facts(0), -1, 0)], None)
    @example([(facts(0), -30, 0), (YES, -30, 0), (INVALID, -3, 40), (YES, -1, 2)], None)
    @example([(facts(0), -30, 0), (YES, -30, 0), (NO, -3, 40), (YES, -1, 40)], None)
    @example([(YES, -400, 0), (facts(0), -30, 0), (RUNS_OUT, -30, 0), (YES, -3, 40)], None)
    @example([(YES, -30, 366), (facts(0), -3, 0)], None)
    def test_any_order_of_acts_and_of_messages(self, planned, shuffle):
        """Grants, refusals, withdrawals, expiry and facts, said earlier than recorded, delivered in any order."""
        host, accepted = Host(), []
        for place, (step, day, earlier) in enumerate(sorted(planned, key=lambda one: one[1])):
            # Several things of one day happen one after the other; day 0 is the instant of the seal itself.
            at = SEAL + timedelta(days=day, microseconds=place if day else 0)
            said = at - timedelta(days=earlier)
            if host.act(step, at, said):
                accepted.append((step, at, said))
        host.deliver(lambda n: _order(n, shuffle))
        assert host.counted() == by_the_rule(accepted)

    @given(st.permutations(range(3)))
    def test_a_delayed_withdrawal_is_not_overtaken(self, order):
        """Yes, withdrawn before the seal, yes again after it: not counted, whichever message comes last."""
        host = Host()
        host.act(facts(0), SEAL - timedelta(days=30), None)
        for step, day in ((YES, -20), (ENDS, -1), (YES, 1)):
            assert host.act(step, SEAL + timedelta(days=day), SEAL + timedelta(days=day))
        assert [type(e) for e, _ in host.consent.stated if type(e) in HANDLERS][1:] == [
            FactsReleased, FactsWithheld, FactsReleased,
        ]  # fmt: skip
        host.deliver(lambda n: [0, *(1 + place for place in order)])
        assert host.counted() == 0

    def test_keeping_only_the_newest_state_counts_somebody_who_had_withdrawn(self):
        """Twin: a receiver that drops a delayed older state counts by the yes before it."""
        states = [("yes", SEAL - timedelta(days=20), 1), ("withdrawn", SEAL - timedelta(days=1), 2),
                  ("yes", SEAL + timedelta(days=1), 3)]  # fmt: skip
        kept, newest = [], 0
        for state in (states[0], states[2], states[1]):
            if state[2] > newest:
                kept.append(state)
                newest = state[2]
        assert [what for what, at, _ in kept if at <= SEAL][-1] == "yes"

    def test_counting_what_stands_at_upload_counts_the_wrong_people(self):
        """Twin: the state when the report is built has a late yes in it and a later withdrawal out of it."""
        late, left = Host(), Host()
        for host in (late, left):
            host.act(facts(0), SEAL - timedelta(days=30), None)
        late.act(YES, SEAL + timedelta(hours=1), SEAL + timedelta(hours=1))
        left.act(YES, SEAL - timedelta(days=2), SEAL - timedelta(days=2))
        left.act(ENDS, SEAL + timedelta(hours=1), SEAL + timedelta(hours=1))
        at_upload = [type(host.consent.stated[-1][0]) is FactsReleased for host in (late, left)]
        for host in (late, left):
            host.deliver(range)
        assert at_upload == [True, False]
        assert [host.counted() for host in (late, left)] == [0, 1]


def _order(count, shuffle):
    places = list(range(count))
    if shuffle is not None:
        shuffle.shuffle(places)
    return places
