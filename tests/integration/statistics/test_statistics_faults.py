"""Exactly those whose consent is effective and recorded at the seal are in the one opened sum, come what may."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.custodian.opening import computing
from services.reporting.periods.errors import NotTheTimeError
from shared.kernel.ids import new_id
from tests.kit.killer import Killer
from tests.kit.statistics_path import HOSTS, StatisticsPath

pytestmark = pytest.mark.integration
FIVE = HOSTS[:5]


def walk(path):
    """The whole path as far as processes are killed; gives what the board holds."""
    path.sign_all()
    path.seal_all()
    path.finish()
    task = path.board.task()
    shown = {t["table"]: t["cells"] for t in task["result"]["tables"] if t["cells"]}
    return task["state"], task["result"]["people"], task["result"]["hosts"], shown["GENDER"]


UNDISTURBED = ("PROTECTED", 50, 5, {"FEMALE": 25, "MALE_OR_OTHER_OR_NOT_STATED": 25})


class TestKills:
    def openings(self, path):
        """How often a sum was recorded for opening, and how often tables left."""
        rows = path.custodian.database["outbox"].find()
        types = [e["type"] for row in rows for e in row["events"]]
        return types.count("alongside.custodian.tables_protected.v1")

    def commits_from(self, mongo, folder):
        path = StatisticsPath(mongo, folder, FIVE)
        try:
            path.open()
            path.killer = Killer()
            assert walk(path) == UNDISTURBED
            return path.killer.commits
        finally:
            path.close()

    @pytest.mark.timeout(1200)
    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.slow)])
    def test_each_process_is_killed_before_and_after_its_durable_writes(self, mongo, tmp_path, when, step):
        """A process that ends before or after any commit of the path changes neither the sum nor the one opening."""
        (tmp_path / "measure").mkdir()
        commits = self.commits_from(mongo, tmp_path / "measure")
        assert commits > 30
        for at in range(1, commits + 1, step):
            folder = tmp_path / f"{when}-{at}"
            folder.mkdir()
            path = StatisticsPath(mongo, folder, FIVE)
            try:
                path.killer = Killer(at=None)
                path.open()
                # People who are killed at their desk simply act again; here processes are killed.
                path.killer = Killer(at=at, when=when)
                path.sign_all_again()
                path.seal_all()
                path.finish()
                task = path.board.task()
                shown = {t["table"]: t["cells"] for t in task["result"]["tables"] if t["cells"]}
                found = (task["state"], task["result"]["people"], task["result"]["hosts"], shown["GENDER"])
                assert found == UNDISTURBED, (when, at)
                assert self.openings(path) == 1
                assert path.kills
            finally:
                path.close()


moments = st.sampled_from([-20, -10, 5, 20])
person = st.fixed_dictionaries(
    {
        "granted": moments,
        "withdrawn": st.none() | moments,
        "expires": st.none() | st.sampled_from([-5, 30]),
        "duplicate": st.booleans(),
    }
)
host = st.fixed_dictionaries(
    {
        "people": st.lists(person, min_size=2, max_size=8),
        "signed": st.sampled_from([True] * 9 + [False]),
        "facts_after_signing": st.sampled_from([False] * 9 + [True]),
        "proven": st.sampled_from([True] * 9 + [False]),
        "sent": st.sampled_from(["both"] * 7 + ["twice"] * 2 + ["half"]),
    }
)
EVERYTHING = st.lists(host, min_size=6, max_size=6)
SHUFFLES = st.randoms(use_true_random=False)


class TestAnyOrder:
    @given(hosts=EVERYTHING, shuffle=SHUFFLES)
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def test_exactly_those_effective_and_recorded_at_the_seal_are_in_the_sum(
        self, mongo, tmp_path_factory, hosts, shuffle
    ):
        """Any mix of grants, withdrawals, expiries, unsigned, lapsed, unproven, half or doubled reports adds up."""
        self.check(mongo, tmp_path_factory, hosts, shuffle)

    @pytest.mark.slow
    @pytest.mark.timeout(1200)
    @given(hosts=EVERYTHING, shuffle=SHUFFLES)
    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    def test_the_same_with_many_more_examples(self, mongo, tmp_path_factory, hosts, shuffle):
        """As above."""
        self.check(mongo, tmp_path_factory, hosts, shuffle)

    def check(self, mongo, tmp_path_factory, hosts, shuffle):
        path = StatisticsPath(mongo, tmp_path_factory.mktemp("any"))
        opened = []
        original = computing.open_cohort

        def remember(**arguments):
            found = original(**arguments)
            opened.append(found)
            return found

        computing.open_cohort = remember
        try:
            self.run(path, hosts, shuffle)
        finally:
            computing.open_cohort = original
            path.close()
        contributing = [(h, self.counted(h)) for h in hosts if self.sends(h)]
        cohort = [number for h, number in contributing if h["sent"] != "half"]
        if len(cohort) < 5:
            assert opened == []
            return
        assert len(opened) == 1
        if sum(cohort) < 20:
            assert opened[0].opened is None
        else:
            assert opened[0].opened.people == sum(cohort)

    def run(self, path, hosts, shuffle):
        seal = path.calendar.seal_at()
        path.propose()
        path.carry()
        events = []
        for name, plan in zip(HOSTS, hosts, strict=True):
            for one in plan["people"]:
                contribution = new_id()
                until = None if one["expires"] is None else seal + timedelta(days=one["expires"])
                events.append((one["granted"], name, contribution, "grant", until))
                if one["duplicate"]:
                    events.append((one["granted"], name, contribution, "grant", until))
                if one["withdrawn"] is not None and one["withdrawn"] > one["granted"]:
                    events.append((one["withdrawn"], name, contribution, "withdraw", None))
        shuffle.shuffle(events)
        events.sort(key=lambda e: e[0])
        early = [e for e in events if e[0] < 0]
        late = [e for e in events if e[0] >= 0]
        for event in early:
            self.state(path, seal, event)
        path.clock.moment = seal - timedelta(days=2)
        for name, plan in zip(HOSTS, hosts, strict=True):
            if plan["signed"]:
                path.sign(name)
        for name, plan in zip(HOSTS, hosts, strict=True):
            if plan["facts_after_signing"]:
                path.state(name, new_id(), at=seal - timedelta(days=1), region_of_nationality="AFRICA")
        path.clock.moment = seal + timedelta(hours=1)
        # What is recorded after the seal arrives before the seal is carried out at some hosts.
        for event in late:
            if shuffle.random() < 0.5:
                self.state(path, seal, event)
        for name, plan in zip(HOSTS, hosts, strict=True):
            if plan["proven"]:
                path.prove(name)
            path.reporting[name].work()
        halved = {name for name, plan in zip(HOSTS, hosts, strict=True) if plan["sent"] == "half"}
        doubled = {name for name, plan in zip(HOSTS, hosts, strict=True) if plan["sent"] == "twice"}
        path.finish(
            rng=shuffle,
            repeat=2 if doubled else 1,
            lose=lambda event, _target: (
                "seed_submitted" in event["type"]
                and any(f'"host":"{name}"'.encode() in event["body"] for name in halved)
            ),
        )

    def state(self, path, seal, event):
        days, name, contribution, what, until = event
        at = seal + timedelta(days=days)
        if what == "withdraw":
            path.withhold(name, contribution, at=at)
        else:
            path.state(name, contribution, at=at, until=until)

    def sends(self, plan):
        return plan["signed"] and not plan["facts_after_signing"] and plan["proven"]

    def counted(self, plan):
        """By the rule alone: granted by the seal, not withdrawn by the seal, not run out at the seal."""
        return sum(
            one["granted"] < 0
            and not (one["withdrawn"] is not None and one["granted"] < one["withdrawn"] < 0)
            and not (one["expires"] is not None and one["expires"] < 0)
            for one in plan["people"]
        )


def test_nobody_signs_before_the_end_or_after_the_seal(path):
    """A sign-off has its days: after the period's end and before the seal."""
    path.open()
    with pytest.raises(NotTheTimeError):
        path.sign("alder")
    path.clock.moment = path.calendar.seal_at()
    with pytest.raises(NotTheTimeError):
        path.sign("alder")


def test_nothing_of_a_report_is_readable_in_what_crosses(path):
    """No field of a half says a count: sizes are the same for zeros and for ten people, and values are sealed."""
    path.open(people={"alder": 0})
    path.sign_all()
    path.seal_all()
    sizes = {}
    for name, party in path.reporting.items():
        for row in party.database["outbox"].find({"route": {"$in": ["board", "custodian"]}}):
            for event in row["events"]:
                sizes.setdefault(event["type"], set()).add(len(event["body"]) - len(name))
    assert all(len(found) == 1 for found in sizes.values())
