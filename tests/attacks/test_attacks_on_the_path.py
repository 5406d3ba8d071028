"""Dishonest hosts, boards and custodians against the real handlers over a real database.

A8 and A19: one opening, over one cohort. A17: vectors that no people made. A20: replays. A21: repeats. A22: sizes.
A5: a withdrawal after the seal. Twins show what each rule prevents.
"""

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from services.board.tasks import commands as board_commands
from services.custodian.opening import computing
from services.custodian.tasks import rules as custodian_rules
from shared.codelists.periods import Period
from shared.contracts.custodian import ProtectedCell, ProtectedTable, TablesProtected
from shared.contracts.vector import PEOPLE
from shared.kernel.ids import new_id
from shared.keys import sealing, sharing
from shared.keys.messages import sign_message
from tests.kit.attacked_path import AttackedPath
from tests.kit.statistics_path import HOSTS
from tests.kit.truth import LAYOUT, truths
from tests.kit.truth import PLAN as TRUTH_PLAN

pytestmark = pytest.mark.integration
TRUTH = truths()[1]
VECTORS = dict(zip(HOSTS, (TRUTH.vector(host) for host in TRUTH.hosts), strict=True))
"""Six hosts of a generated year, one of them without anybody."""


@pytest.fixture
def opened(monkeypatch):
    """Every opening of the test: what the custodian's job held in memory."""
    found = []
    original = computing.open_cohort

    def remember(**arguments):
        found.append(original(**arguments))
        return found[-1]

    monkeypatch.setattr(computing, "open_cohort", remember)
    return found


def shares_of(path):
    """What a dishonest board reads of the shares it holds: it has its own key."""
    return {report_id: share for report_id, (share, _) in path.held().items()}


def nothing_shown(path):
    """Whether the custodian said once, and only, that nothing of its task is published."""
    said = path.stated(path.custodian, "tables_protected")
    assert len(said) == 1
    assert path.stated(path.custodian, "opening_refused") == []
    return said[0].people is None and {(t.status, t.level, t.cells) for t in said[0].tables} == {
        ("NOT_PUBLISHED", 0, ())
    }


def earlier_rules(monkeypatch):
    """Let board and custodian begin tasks under the rules of 2026-11, without commitments and whole signatures."""
    for module in (board_commands, custodian_rules):
        monkeypatch.setattr(module, "POLICY_VERSION", "2026-11")


def until_agreed(path):
    """As far as the custodian's signed cohort, which the board has not heard yet."""
    path.close_task()
    path.carry(lose=lambda event, target: event["type"].endswith("cohort_agreed.v1"))
    return tuple(path.custodian.task()["cohort"])


class TestOneOpening:
    """A8, A19."""

    def test_two_sums_would_give_a_host_away(self):
        """Twin: all less all but one is that host's vector, exactly, whatever masks were used."""
        everyone = np.sum(list(VECTORS.values()), axis=0, dtype=np.uint32)
        for host, vector in VECTORS.items():
            others = np.sum([v for h, v in VECTORS.items() if h != host], axis=0, dtype=np.uint32)
            assert (everyone - others == vector).all()

    def test_a_second_sum_is_refused_whoever_is_left_out(self, path, opened):
        """After the opening, neither the same sum nor any other over any cohort is opened."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        held = path.held()
        path.send(path.board, path.cohort(cohort), "custodian")
        path.finish()
        assert len(opened) == 1
        for left_out in (None, *cohort):
            ids = [i for i in cohort if i != left_out]
            total = sharing.add_up((held[i][0] for i in ids), LAYOUT.length)
            for named in (ids, cohort):
                code = path.send(path.custodian, path.sum(total, ids, named=named, held=held), "board")
                assert code == "second-opening"
            path.custodian.work()
        assert len(opened) == 1

    def test_a_sum_over_fewer_than_agreed_opens_nothing(self, path, opened):
        """A board that leaves a host's share out, under the agreed cohort's name, gets the one fixed refusal."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        shares = shares_of(path)
        assert path.send(path.custodian, path.sum(sum(shares[i] for i in cohort[1:]), cohort[1:]), "board")
        wrong = path.sum(sum(shares[i] for i in cohort[1:]), cohort)
        assert path.send(path.custodian, wrong, "board") is None
        path.custodian.work()
        assert [one.opened for one in opened] == [None]
        assert nothing_shown(path)

    def test_a_sum_that_is_none_ends_its_own_task_alone(self, path, opened):
        """Bytes that do not open, or of another length, are the board's one sum: refused, and the job goes on."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        assert path.send(path.custodian, path.sum(np.zeros(3), cohort), "board") is None
        path.custodian.work()
        assert path.custodian.task()["verdict"] == "UNREADABLE_SUM"
        assert opened == []
        assert nothing_shown(path)

    @pytest.mark.parametrize("size", [1, 2, 4])
    def test_a_board_never_adds_up_fewer_than_five(self, path, size):
        """A custodian that signs a cohort of one to four hosts, to open them alone, gets no sum."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        assert path.send(path.board, path.cohort(cohort[:size]), "custodian") == "cohort-refused"
        assert path.stated(path.board, "cohort_summed") == []

    def test_a_board_never_adds_a_host_twice(self, path):
        """A cohort that repeats a report, to look like five or to weigh one host, gets no sum."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        for ids in ([cohort[0]] * 4 + [cohort[1]], [*cohort, cohort[0]]):
            assert path.send(path.board, path.cohort(ids), "custodian") == "cohort-refused"
        assert path.stated(path.board, "cohort_summed") == []

    def test_a_board_gives_one_sum(self, path):
        """A second cohort, signed by the custodian after the first, gets no second sum."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        assert path.send(path.board, path.cohort(cohort), "custodian") is None
        for other in (cohort[1:], cohort):
            path.send(path.board, path.cohort(other), "custodian")
        assert len(path.stated(path.board, "cohort_summed")) == 1

    def test_a_board_cannot_shrink_the_cohort_below_five(self, path, opened):
        """A board that lists four reports, or breaks checks until four pass, ends the task instead."""
        path.reported(VECTORS)
        path.close_task()
        honest = path.stated(path.board, "reports_accepted")[0]
        checks = {check.report_id: check.values for check in honest.checks}
        for number, report_id in enumerate(sorted(checks)):
            if number < 2:
                checks[report_id] = tuple((value + 1) % 2**32 for value in checks[report_id])
        names = {check.report_id: check.share for check in honest.checks}
        assert path.send(path.custodian, path.accepted(checks, names), "board") is None
        path.custodian.work()
        assert path.custodian.task()["verdict"] == "TOO_FEW_HOSTS"
        assert opened == []

    def test_no_list_counts_before_the_closing(self, path):
        """While reports may still come, no cohort is agreed: nobody chooses it by choosing the moment."""
        path.reported(VECTORS)
        assert path.send(path.custodian, path.accepted({}), "board") == "not-closed-yet"
        assert path.custodian.task()["state"] == "OPEN"

    def test_a_period_is_counted_once(self, path):
        """A second task for a period that was opened is refused by the custodian, even if the board proposes it."""
        path.reported(VECTORS)
        path.finish()
        first = path.custodian.task()
        path.board.database["tasks"].delete_many({})
        path.clock.moment = path.calendar.ends_at() - timedelta(days=1)
        second = path.propose()
        path.carry()
        assert path.board.database["tasks"].find_one({"_id": second})["state"] == "REFUSED"
        assert path.custodian.database["tasks"].find_one({"_id": second}) is None
        assert path.custodian.task()["_id"] == first["_id"]

    def test_a_year_s_tables_never_count_a_quarter(self, mongo, tmp_path, monkeypatch):
        """Tables of a quarter and of its year would say a person's value twice: custodian and hosts refuse them."""
        path = AttackedPath(mongo, tmp_path, period="2026-Q3")
        try:
            monkeypatch.setattr("services.board.tasks.commands.check_fit", lambda *_: None)
            path.propose(plan="year-v1")
            path.carry()
            assert path.custodian.task() is None
            assert path.board.task()["state"] == "REFUSED"
            # Twin: a custodian that does not ask signs it; then no host keeps it.
            monkeypatch.setattr("services.custodian.tasks.rules.check_fit", lambda *_: None)
            path.propose(plan="year-v1")
            path.carry()
            assert path.custodian.task()["period"] == "2026-Q3"
            assert {code for _, _, code in path.parked} == {"wrong-plan"}
            assert all(host.task() is None for host in path.reporting.values())
        finally:
            path.close()

    @pytest.mark.parametrize("covers", [("2025", "2026"), ("2026", "2026"), ("2026-Q4", "2026"), ("2027",), ()])
    def test_a_task_covers_its_own_period_and_what_was_never_opened(self, path, monkeypatch, covers):
        """A board that names other periods than the custodian saw fail is not served."""
        monkeypatch.setattr("services.board.tasks.commands.check_fit", lambda *_: None)
        monkeypatch.setattr("services.board.tasks.commands._covers", lambda *_: covers)
        path.propose()
        path.carry()
        assert path.custodian.task() is None
        assert path.board.task()["state"] == "REFUSED"

    def test_a_year_and_its_quarters_stand_side_by_side(self, path):
        """Each is of its own kind: a number, and tables."""
        path.propose(period="2026")
        path.propose(period="2026-Q4")
        path.carry()
        assert path.custodian.database["tasks"].count_documents({"state": "OPEN"}) == 2
        assert not path.parked


class TestDraw:
    def test_a_lost_coin_key_is_not_drawn_anew(self, path, opened):
        """The signed task fixes the coin key: with another one, or none, nothing is opened or published."""
        path.reported(VECTORS)
        until_agreed(path)
        path.carry()
        task = path.custodian.task()
        assert path.send(path.board, path.cohort(task["cohort"]), "custodian") is None
        path.carry()
        coin = Path(path.custodian.context.settings.data_dir) / "tasks" / f"{task['_id']}.coin"
        for damage in (coin.unlink, lambda: coin.write_bytes(bytes(32)) and coin.chmod(0o600)):
            damage()
            path.custodian.work()
            assert path.custodian.task()["state"] == "SUMMED"
            assert path.stated(path.custodian, "tables_protected") == []


class TestForgedVectors:
    """A17."""

    def test_masks_alone_hide_a_poisoned_vector(self):
        """Twin: without checks, one host's thousand invented people or negative numbers are in the sum unseen."""
        poisoned = VECTORS["alder"].copy()
        poisoned[1:2] += np.uint32(1_000)
        masked = [sharing.split(poisoned, bytes(32), b"c"), sharing.expand(bytes(32), b"c", LAYOUT.length)]
        assert (sharing.add_up(masked, LAYOUT.length) == poisoned).all()

    @pytest.mark.parametrize("by", [1_000, 2**32 - 3, 2**31], ids=["plus-1000", "negative", "wrap-around"])
    def test_a_vector_that_contradicts_itself_is_left_out(self, path, opened, by):
        """A changed cell breaks the host's linear check: the sum is that of the five others."""
        poisoned = VECTORS["cedar"].copy()
        poisoned[2:3] += np.uint32(by)
        path.reported({**VECTORS, "cedar": poisoned})
        path.finish()
        others = np.sum([v for h, v in VECTORS.items() if h != "cedar"], axis=0, dtype=np.uint32)
        assert opened[0].opened == LAYOUT.read(others)
        judged = list(path.reporting["cedar"].database["judgements"].find().sort("_id", 1))[-1]
        assert (judged["outcome"], judged["reason"]) == ("LEFT_OUT", "NOT_IN_COHORT")

    @pytest.mark.parametrize(
        "lie",
        [
            {"people": -200, "female": -200},
            {"people": 0, "female": -100, "others": 100},
            {"people": 40_000, "female": 40_000},
        ],
        ids=["negative-people", "moved-between-cells", "more-than-hosts-can-have"],
    )
    def test_were_a_proof_wrong_an_impossible_sum_would_still_publish_nothing(self, path, opened, lie):
        """The second line, with proofs that show nothing: the checks pass, the opened sum is impossible, no figure leaves."""
        x = np.zeros(LAYOUT.width, dtype=np.int64)
        for number, slot in enumerate(LAYOUT.slots):
            first = slot == PEOPLE or slot.category in {"NO", "ASIA"}
            x[number] = lie["people"] if first else 0
            if slot.table == "GENDER":
                x[number] = lie["female"] if slot.category == "FEMALE" else lie.get("others", 0)
        vector = np.concatenate((x, x != 0, x * x)) % 2**32
        assert not LAYOUT.checks(vector.astype(np.uint32)).any()
        path.reported({**VECTORS, "cedar": vector})
        path.finish()
        assert [one.opened for one in opened] == [None]
        assert nothing_shown(path)
        assert path.board.task()["result"]["people"] is None

    def test_one_host_cannot_put_a_large_lie_into_a_shown_table(self, path, opened):
        """Four thousand invented people are most of every category they are in: no such table is shown."""
        lie = TRUTH.by_host[TRUTH.hosts[1]]
        counts = {t: {} for t, _, _ in lie} | {"EXPLOITATION_CRIMINAL": {"YES": 4_000}}
        for table in {t for t, _, _ in lie} - {"EXPLOITATION_CRIMINAL"}:
            counts[table] = {{"GENDER": "FEMALE", "REGION_OF_NATIONALITY": "ASIA"}.get(table, "NO"): 4_000}
        path.reported({**VECTORS, "cedar": LAYOUT.build(counts, 4_000)})
        path.finish()
        assert opened[0].opened.people > 4_000
        assert path.board.task()["result"]["people"] is None
        assert all(table["level"] == 0 for table in path.board.task()["result"]["tables"])


LIARS = ("gorse", "hazel", "ivy", "juniper")


def lies():
    """What four hosts send that no people could have made: (host, vector, the vector that its proof is made for)."""
    honest = VECTORS["birch"].astype(np.int64)
    width = LAYOUT.width
    yield "gorse", np.frombuffer(bytes(range(240)), dtype="<u4"), None
    moved = honest.copy()
    # One fewer than nobody here, as many more there: every linear check holds.
    moved[1], moved[2] = -1, moved[0] + 1
    yield "hazel", moved % 2**32, None
    switched = honest.copy()
    switched[width + 1] = 2
    switched[2 * width + 1] = 57
    yield "ivy", switched, None
    yield "juniper", moved % 2**32, VECTORS["birch"]


class TestLiarsAreNamed:
    """A17: one host's garbage ends the period for nobody else, and what is opened was never opened before."""

    def sent(self, mongo, folder, *, real_proofs=True):
        path = AttackedPath(mongo, folder, hosts=(*HOSTS[1:], *LIARS), real_proofs=real_proofs)
        path.propose()
        path.carry()
        path.clock.moment = path.calendar.seal_at()
        for host in HOSTS[1:]:
            path.report(host, VECTORS[host])
        for host, vector, proven in lies():
            path.report(host, vector, proven=proven)
        path.finish()
        return path

    def test_each_is_left_out_by_name_and_the_others_are_counted_once(self, mongo, tmp_path, opened):
        """Noise, a negative count, two hosts with 57 squares, a proof of something else: named, and five are counted."""
        path = self.sent(mongo, tmp_path)
        try:
            others = np.sum([VECTORS[host] for host in HOSTS[1:]], axis=0, dtype=np.uint32)
            assert [one.opened for one in opened] == [LAYOUT.read(others)]
            assert len(path.stated(path.board, "cohort_summed")) == 1
            assert path.audited(path.custodian, "custodian:report:take") == [
                ("gorse", "NOT_PROVEN"), ("hazel", "NOT_PROVEN"), ("ivy", "NOT_PROVEN"),
            ]  # fmt: skip
            assert path.audited(path.custodian, "custodian:report:leave-out") == [("juniper", "LEFT_OUT")]
            for host in LIARS:
                judged = list(path.reporting[host].database["judgements"].find().sort("_id", 1))[-1]
                assert (judged["outcome"], judged["reason"]) == ("LEFT_OUT", "NOT_IN_COHORT")
        finally:
            path.close()

    def test_without_proofs_one_of_them_ends_the_period_for_all(self, mongo, tmp_path, opened, monkeypatch):
        """Twin: under the rules of 2026-11 a consistent lie is seen in the sum only, and nothing is published at all."""
        earlier_rules(monkeypatch)
        path = AttackedPath(mongo, tmp_path)
        try:
            path.reported({**VECTORS, "cedar": next(vector for host, vector, _ in lies() if host == "hazel")})
            path.finish()
            assert path.terms().draft.policy_version == "2026-11"
            assert [one.opened for one in opened] == [None]
            assert nothing_shown(path)
        finally:
            path.close()


class TestBoundSum:
    """The board's sum is the sum of the shares it was given."""

    def shifted(self, path, by=12):
        """People who are not there: so many more in the fullest category of each table, everywhere they would count."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        held = path.held()
        total = sharing.add_up((held[i][0] for i in cohort), LAYOUT.length)
        fullest = {
            table.id: max((c.code for c in table.levels[0].categories), key=lambda c, t=table.id: TRUTH.cells[t, 1, c])
            for table in path.terms().draft.plan().tables
        }
        x = LAYOUT.build({table: {code: by} for table, code in fullest.items()}, by)[: LAYOUT.width].astype(np.int64)
        # Where many hosts have people already, with squares that such hosts could have: no bound is broken.
        more = np.concatenate((x, np.zeros_like(x), 20 * x)) % 2**32
        return path.sum(total + more.astype(np.uint32), cohort, held=held if path.terms().draft.is_bound else None)

    def test_a_board_that_adds_a_constant_publishes_nothing(self, path, opened):
        """Twelve people more in some cells, signed by the board: not the shares' sum, so nothing is shown."""
        assert path.send(path.custodian, self.shifted(path), "board") is None
        path.custodian.work()
        assert path.custodian.task()["verdict"] == "UNBOUND_SUM"
        assert [one.opened for one in opened] == [None]
        assert nothing_shown(path)

    def test_without_commitments_the_constant_is_counted(self, mongo, tmp_path, opened, monkeypatch):
        """Twin: under the rules of 2026-11 the same board has twelve people counted who are not there."""
        earlier_rules(monkeypatch)
        path = AttackedPath(mongo, tmp_path)
        try:
            assert path.send(path.custodian, self.shifted(path), "board") is None
            path.custodian.work()
            assert opened[0].opened.people == TRUTH.total + 12
        finally:
            path.close()

    def test_a_true_sum_with_other_blindings_is_not_believed(self, path, opened):
        """A board that lost a seed of blindings, or makes some up, opens nothing, though the sum is right."""
        path.reported(VECTORS)
        cohort = until_agreed(path)
        held = path.held()
        total = sharing.add_up((held[i][0] for i in cohort), LAYOUT.length)
        sent = path.sum(total, cohort, blindings=(1,) * LAYOUT.length)
        assert path.send(path.custodian, sent, "board") is None
        path.custodian.work()
        assert path.custodian.task()["verdict"] == "UNBOUND_SUM"
        assert nothing_shown(path)

    def test_too_few_people_look_like_a_sum_that_does_not_fit(self, path):
        """Six people in six hosts: what the board hears is what it hears of a shifted sum, and the audit names no rule."""
        few = LAYOUT.build({t.id: {t.levels[0].categories[0].code: 1} for t in TRUTH_PLAN.tables}, 1)
        path.reported(dict.fromkeys(HOSTS, few))
        path.finish()
        assert path.custodian.task()["verdict"] == "TOO_FEW_PEOPLE"
        assert nothing_shown(path)
        assert path.board.task()["state"] == "PROTECTED"
        said = json.dumps([row["events"] for row in path.custodian.database["outbox"].find()], default=str)
        assert not [word for word in ("TOO_FEW", "UNBOUND", "IMPOSSIBLE", "verdict") if word in said]

    @pytest.mark.parametrize("names", ["none", "swapped"])
    def test_a_board_that_names_other_shares_leaves_their_hosts_out(self, path, names):
        """Without the names of the commitments, or with one host's for another's, no report is in a cohort."""
        path.reported(VECTORS)
        path.close_task()
        honest = path.stated(path.board, "reports_accepted")[0]
        checks = {check.report_id: check.values for check in honest.checks}
        shares = [check.share for check in honest.checks]
        said = {} if names == "none" else dict(zip(checks, shares[1:] + shares[:1], strict=True))
        assert path.send(path.custodian, path.accepted(checks, said), "board") is None
        assert path.custodian.task()["verdict"] == "TOO_FEW_HOSTS"
        assert len(path.audited(path.custodian, "custodian:report:leave-out")) == len(VECTORS)


class TestOldAndNew:
    """A rolling upgrade: what began under the earlier rules ends under them, and nothing new begins under them."""

    def test_a_host_of_an_older_version_is_left_out_of_a_task_that_asks_for_more(self, path, opened):
        """Its halves have neither proof nor whole signature: refused alike by both servers; the others are counted."""
        path.propose()
        path.carry()
        path.clock.moment = path.calendar.seal_at()
        for host, vector in VECTORS.items():
            if host != "alder":
                path.report(host, vector)
        share, seed = path.halves("alder", VECTORS["alder"])
        for party, half in ((path.board, share), (path.custodian, seed)):
            assert path.send(party, replace(half, message_signature=None), "alder") is None
        assert path.refusals(path.board, "board:report:take") == ["DOES_NOT_OPEN"]
        assert path.refusals(path.custodian, "custodian:report:take") == ["DOES_NOT_OPEN"]
        path.finish()
        assert opened[0].opened == TRUTH.opened()  # Nobody of alder's was counted in that period.

    def test_a_task_of_the_earlier_rules_ends_as_it_began(self, mongo, tmp_path, opened, monkeypatch):
        """Proposed before the upgrade, closed after it: no proofs are asked for, unsigned messages are taken."""
        earlier_rules(monkeypatch)
        path = AttackedPath(mongo, tmp_path)
        try:
            path.reported(VECTORS)
            monkeypatch.undo()
            # What an older server sends carries no signature over the whole.
            path.strip = True
            path.finish()
            assert path.board.task()["state"] in {"PROTECTED", "RELEASED"}
            assert not path.parked
        finally:
            path.close()

    @pytest.mark.parametrize("policy", ["2026-11", "2099-01"])
    def test_no_task_begins_under_other_rules_than_the_custodians(self, path, policy, monkeypatch):
        """A board that proposes the earlier rules, to be rid of proofs, or rules of tomorrow, is refused."""
        monkeypatch.setattr(board_commands, "POLICY_VERSION", policy)
        path.propose()
        path.carry()
        assert path.custodian.task() is None
        assert all(host.task() is None for host in path.reporting.values())


class TestReplays:
    """A20."""

    def refused(self, path, share, seed, sender):
        before = [
            len(path.refusals(path.board, "board:report:take")),
            path.board.database["shares"].count_documents({}),
        ]
        path.send(path.board, share, sender)
        path.send(path.custodian, seed, sender)
        after = [len(path.refusals(path.board, "board:report:take")), path.board.database["shares"].count_documents({})]
        assert after == [before[0] + 1, before[1]]
        reasons = (
            path.refusals(path.board, "board:report:take")[-1],
            path.refusals(path.custodian, "custodian:report:take")[-1],
        )
        assert reasons[0] == reasons[1]
        return reasons[0]

    def test_a_seal_without_a_place_opens_anywhere(self):
        """Twin: sealed without context, one host's half opens as another's, for another task."""
        key = sealing.ServerKey.generate()
        sealed = sealing.seal(key.public_bytes, b"seed of alder for 2026-Q3", b"")
        assert key.open_sealed(sealed, b"") == b"seed of alder for 2026-Q3"

    def test_of_another_host_task_period_or_report(self, path):
        """Sealed for another place, signed by its own host: it does not open, at either server."""
        path.propose()
        path.carry()
        for place in ({"host": "birch"}, {"task_hash": "0" * 64}, {"period": "2026-Q2"}, {"report_id": new_id()}):
            share, seed = path.halves("alder", VECTORS["alder"], sealed_for=place)
            assert self.refused(path, share, seed, "alder") == "DOES_NOT_OPEN"

    def test_a_copied_report_is_nobodys(self, path):
        """Another host's halves, sent under one's own name, or by another sender under theirs, are refused."""
        path.propose()
        path.carry()
        share, seed = path.halves("alder", VECTORS["alder"])
        assert self.refused(path, share, seed, "birch") == "WRONG_HOST"
        stolen = [replace(event, host="birch") for event in (share, seed)]
        assert self.refused(path, *stolen, "birch") == "BAD_SIGNATURE"
        forged = path.halves("birch", VECTORS["birch"], signed_by="alder")
        assert self.refused(path, *forged, "birch") == "BAD_SIGNATURE"

    def test_across_two_open_tasks(self, path):
        """A report of one task does not count for another that is open at the same time."""
        first = path.propose()
        path.carry()
        old = path.halves("alder", VECTORS["alder"], terms=path.terms(first))
        path.period, path.calendar = "2027", Period.parse("2027")
        second = path.propose(period="2027")
        path.carry()
        moved = [replace(event, task_id=second) for event in old]
        assert self.refused(path, *moved, "alder") == "WRONG_TASK"
        moved = [replace(event, task_id=second, task_hash=path.terms(second).hash()) for event in old]
        assert self.refused(path, *moved, "alder") == "BAD_SIGNATURE"

    def test_a_second_report_of_one_host_does_not_replace_the_first(self, path, opened):
        """Whatever comes second, with a new id or the old one, the first report counts and the second is told."""
        path.reported(VECTORS)
        more = LAYOUT.build({t.id: {t.levels[0].categories[0].code: 3} for t in path.terms().draft.plan().tables}, 3)
        known = path.board.database["shares"].find_one({"host": "alder"})["report_id"]
        for report_id in (None, known):
            assert self.refused(path, *path.halves("alder", more, report_id=report_id), "alder") == "SECOND_REPORT"
        path.finish()
        assert opened[0].opened == TRUTH.opened()

    def test_after_the_closing_and_after_the_end(self, path):
        """A late report is late; once the task's keys are gone it is of no task the board knows."""
        five = {host: vector for host, vector in VECTORS.items() if host != "alder"}
        path.reported(five)
        late = path.halves("alder", VECTORS["alder"])
        path.clock.moment = path.calendar.closes_at()
        assert self.refused(path, *late, "alder") == "LATE"
        path.finish()
        path.send(path.board, late[0], "alder")
        assert path.refusals(path.board, "board:report:take")[-1] == "UNKNOWN_TASK"
        path.send(path.custodian, late[1], "alder")
        assert path.refusals(path.custodian, "custodian:report:take")[-1] == "LATE"


class TestRepeats:
    """A21."""

    def test_without_ids_three_copies_are_three_times_the_people(self):
        """Twin: a receiver that adds whatever comes counts each host as often as the broker delivers."""
        received = [vector for vector in VECTORS.values() for _ in range(3)]
        assert LAYOUT.read(np.sum(received, axis=0, dtype=np.uint32)).people == 3 * TRUTH.total

    @pytest.mark.parametrize("seed", range(3))
    def test_three_copies_of_every_message_in_any_order_are_one_sum(self, path, opened, seed):
        """Each message of the path three times, shuffled: exactly the people there are, once opened."""
        rng = random.Random(seed)
        path.propose()
        path.carry(rng=rng, repeat=3)
        path.clock.moment = path.calendar.seal_at()
        reports = [(h, party, e) for h, v in VECTORS.items()
                   for party, e in zip((path.board, path.custodian), path.halves(h, v), strict=True)] * 3  # fmt: skip
        rng.shuffle(reports)
        for host, party, event in reports:
            path.send(party, event, host)
        path.finish(rng=rng, repeat=3)
        assert [one.opened for one in opened] == [TRUTH.opened()]
        kinds = Counter(event["type"] for _, event, _ in path.delivered)
        assert all(count % 3 == 0 for count in kinds.values())
        assert {code for _, _, code in path.parked} <= {"second-opening"}
        for fact in ("cohort_agreed", "tables_protected"):
            assert len(path.stated(path.custodian, fact)) == 1
        assert len(path.stated(path.board, "cohort_summed")) == 1


class TestSizes:
    """A22."""

    def test_a_count_in_the_open_has_a_length(self):
        """Twin: the same numbers as JSON are shorter for nobody than for many."""
        assert len({len(json.dumps([int(v) for v in vector])) for vector in VECTORS.values()}) > 3

    def test_sealed_halves_are_equally_long_whatever_they_count(self, path):
        """Nobody, one person or five thousand: shares have one length, seeds with their proofs another, for every host."""
        path.propose()
        path.carry()
        vectors = [VECTORS["alder"], VECTORS["birch"]]
        for people in (0, 1, 9, 10, 99, 4_599, 4_600):
            counts = {t.id: {t.levels[0].categories[-1].code: people} for t in path.terms().draft.plan().tables}
            vectors.append(LAYOUT.build(counts, people))
        lengths = {tuple(len(half.sealed) for half in path.halves("alder", vector)) for vector in vectors}
        assert len(lengths) == 1

    def test_a_host_without_anybody_sends_like_the_others(self, path):
        """By the real builder: one share and one seed from each host, as long for zeros as for forty people."""
        path.open(people={"alder": 0, "birch": 40})
        path.sign_all()
        path.seal_all()
        for fact in ("share_submitted", "seed_submitted"):
            sent = {host: path.stated(party, fact) for host, party in path.reporting.items()}
            assert {len(found) for found in sent.values()} == {1}
            assert len({len(found[0].sealed) for found in sent.values()}) == 1


class TestWithdrawal:
    """A5."""

    def test_after_the_seal_changes_no_figure_and_sends_nothing(self, path, opened):
        """A withdrawal recorded after the seal leaves the sealed vector as it was, and no second one is made."""
        path.open()
        leaving = path.consent("alder", 1, region_of_nationality="AFRICA")[0]
        path.sign_all()
        path.seal_all()
        path.withhold("alder", leaving, at=path.calendar.seal_at() + timedelta(minutes=2))
        path.reporting["alder"].work()
        path.finish()
        assert opened[0].opened.people == 61
        for party in path.reporting.values():
            party.work()
        path.finish()
        assert len(opened) == 1
        assert len(path.stated(path.reporting["alder"], "share_submitted")) == 1
        assert len(path.stated(path.custodian, "tables_protected")) == 1

    def test_no_delayed_state_is_dropped_on_the_way(self, path):
        """The inbox gives reporting each of consent's states, late ones too: one of them may have stood at a seal."""
        hearings = path.reporting["alder"].hearings
        orders = {hearings[f"alongside.consent.facts_{what}.v1"].order for what in ("released", "withheld")}
        assert orders == {"any_order"}


class TestTablesAtTheBoard:
    """What a faulty or dishonest custodian may not put on the board's page."""

    @pytest.mark.parametrize(
        "cells",
        [
            {"FEMALE": 61, "MALE_OR_OTHER_OR_NOT_STATED": 89},
            {"FEMALE": 5, "MALE_OR_OTHER_OR_NOT_STATED": 145},
            {"FEMALE": 60, "MALE_OR_OTHER_OR_NOT_STATED": 60},
            {"FEMALE": 60, "Albanian": 90},
            {"FEMALE": 150},
        ],
        ids=["true-counts", "below-threshold", "does-not-add-up", "a-category-of-no-plan", "a-missing-category"],
    )
    def test_only_rounded_tables_of_the_plan(self, path, cells):
        """True counts, small cells, free categories and sums that do not add up are refused; nothing is kept."""
        path.reported(VECTORS)
        path.close_task()
        path.carry()
        tables = [
            ProtectedTable(table=t.id, status="NOT_PUBLISHED", level=0, cells=())
            for t in path.terms().draft.plan().tables
        ]
        shown = tuple(ProtectedCell(category=category, value=value) for category, value in cells.items())
        tables[0] = ProtectedTable(table="GENDER", status="SHOWN", level=1, cells=shown)
        task = path.board.task()
        event = sign_message(
            TablesProtected(
                task_id=task["_id"], cohort_hash=task["cohort_hash"], hosts=6, people=150, tables=tuple(tables)
            ),
            path.keys["custodian"],
        )
        assert path.send(path.board, event, "custodian") == "tables-refused"
        assert path.board.task()["state"] == "SUMMED"
