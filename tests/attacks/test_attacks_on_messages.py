"""Every value of every message that leaves its vhost is signed: changed, left out, put in or moved, it is refused.

The messages are those of the registry and the values those of real messages on a real path: no list is kept by hand.
"""

import contextlib
import copy
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from services.board.releases.commands import ApproveRelease, DraftRelease, approve_release, draft_release
from shared.contracts import fields
from shared.contracts.board import BoardKeysDestroyed, CheckShare, ReportsAccepted
from shared.contracts.checks import hints_of
from shared.contracts.custodian import CustodianKeysDestroyed
from shared.contracts.registry import EVENTS, ROUTES
from shared.contracts.signed import SignedMessage, signed_bytes
from shared.contracts.task import accepted_message
from shared.contracts.witness import CheckpointAnswered, CheckpointJudged, CheckpointSubmitted
from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.keys.messages import sign_message
from shared.keys.signing import SigningKey
from shared.transparency.witness import COSIGNED
from tests.kit.attacked_path import AttackedPath
from tests.kit.witnessing import WitnessPath

ROUTED = frozenset().union(*ROUTES.values())
CHECKPOINTS = frozenset(one.event_type for one in (CheckpointSubmitted, CheckpointJudged, CheckpointAnswered))
"""Go another way, and are tried on it."""


def other(value):
    """Another value of the same kind of field."""
    if value is None:
        return 10
    if isinstance(value, int):
        return value + 1 if value < fields.MAX_COUNT else value - 1
    return another_text(value)


def another_text(value):
    if re.fullmatch(fields.ID_PATTERN, value):
        return new_id()
    if re.fullmatch(fields.PERIOD_PATTERN, value):
        return "2031-Q2" if "Q" in value else "2031"
    if re.match(r"\d{4}-\d\d-\d\dT", value):
        return (datetime.fromisoformat(value) + timedelta(seconds=1)).isoformat()
    middle = len(value) // 2
    return value[:middle] + ("a" if value[middle] != "a" else "b") + value[middle + 1 :]


def changes(content):
    """Each way to change a message: (what, the message changed), every field and every list of it."""

    def walk(node, place):
        if isinstance(node, dict):
            for name, value in node.items():
                yield from walk(value, (*place, name))
        elif isinstance(node, list):
            yield (*place, "one-less"), node[:-1]
            yield (*place, "one-twice"), [*node, *node[-1:]]
            yield (*place, "reversed"), node[::-1]
            if node:
                yield from walk(node[0], (*place, 0))
        else:
            yield place, other(node)

    for place, value in walk(content, ()):
        changed = copy.deepcopy(content)
        steps = [step for step in place if step not in {"one-less", "one-twice", "reversed"}]
        node = changed
        for step in steps[:-1]:
            node = node[step]
        node[steps[-1]] = value
        if changed != content:
            yield ".".join(map(str, place)), changed
    yield "unsigned", {**content, "message_signature": None}


class TamperedPath(AttackedPath):
    """Before the first message of each type arrives, every changed copy of it does."""

    def __init__(self, *arguments, **named):
        self.tampered, self.taken = {}, []
        super().__init__(*arguments, **named)

    def deliver(self, row, event, target):
        if event["type"] in ROUTED and event["type"] not in self.tampered:
            self.tampered[event["type"]] = set()
            self.tamper(row, event, target)
        super().deliver(row, event, target)

    def tamper(self, row, event, target):
        for what, changed in changes(json.loads(event["body"])):
            body = json.dumps(changed)
            try:
                said = msgspec.json.decode(body, type=EVENTS[event["type"]])
            except msgspec.ValidationError:
                continue
            before = self.state_of(target)
            received = Received(
                event=said, event_id=new_event_id(), sequence=event["sequence"], stream_n=None,
                recorded_at=row["recorded_at"], sender=str(row["tenant_id"]),
            )  # fmt: skip
            self.tampered[event["type"]].add(what.split(".")[0])
            with contextlib.suppress(AlongsideError):
                target.take(received)
            if self.state_of(target) != before:
                self.taken.append((event["type"], what))

    def state_of(self, party):
        """Everything that a party keeps, but what the board writes of a report that it refused."""
        names = set(party.database.list_collection_names()) - {"outbox"}
        if party is self.board:
            names -= {"judgements"}
        return {name: list(party.database[name].find().sort("_id", 1)) for name in sorted(names)}


class TamperedCheckpoints(TamperedPath, WitnessPath):
    """The same on the way of the audit log's checkpoints."""

    def state_of(self, party):
        """What a witness saw, and what it or its messenger says of it; a refusal is kept and told, and is no state."""
        database = party.database
        if party in (self.board, self.custodian):
            kept = [
                list(database["sightings"].find()),
                [(row["size"], row["root"]) for row in database["witnessed"].find()],
            ]
        else:
            kept = []
        told = [json.loads(event["body"]) for row in database["outbox"].find() for event in row["events"]]
        return kept, [one for one in told if one.get("outcome") == COSIGNED or one.get("witness") == "custodian"]


class TestEveryValue:
    def test_every_routed_type_is_signed_whole(self):
        """By the registry: what may leave a vhost is a signed message, and what is one may leave."""
        assert {t for t, cls in EVENTS.items() if issubclass(cls, SignedMessage)} == ROUTED

    @pytest.mark.parametrize("reporting", [6, 4], ids=["published", "too-few-hosts"])
    def test_no_changed_message_changes_anything(self, mongo, tmp_path, reporting):
        """From proposal to release, and to the refusal of too few: each field of each message, changed; nothing is taken."""
        path = TamperedPath(mongo, tmp_path)
        try:
            task_id = path.open()
            senders = path.hosts[:reporting]
            path.sign_all(senders)
            path.seal_all(senders)
            path.finish()
            if reporting == 6:
                self.publish(path, task_id)
                expected = ROUTED - {"alongside.custodian.opening_refused.v1"} - CHECKPOINTS
            else:
                expected = {"alongside.custodian.opening_refused.v1", "alongside.board.reports_accepted.v1"}
            assert path.taken == []
            assert expected <= set(path.tampered)
            for event_type, tried in path.tampered.items():
                assert tried == {*hints_of(EVENTS[event_type]), "unsigned"}, event_type
            assert path.board.task()["state"] == ("RELEASED" if reporting == 6 else "NOT_PUBLISHED")
        finally:
            path.close()

    def test_no_changed_checkpoint_is_cosigned(self, mongo, tmp_path):
        """Nor is a changed answer brought: each field of each message on that way, on a day with a proof."""
        path = TamperedCheckpoints(mongo, tmp_path)
        try:
            path.tampered = {one: set() for one in CHECKPOINTS}
            path.a_day(1)
            path.tampered = {}
            path.a_day(1)
            assert path.taken == []
            for event_type in CHECKPOINTS:
                # The first answer is to a changed checkpoint: it refuses, without these two (test_witness_answers.py).
                without = {"judged_signature", "cosignature"} if event_type == CheckpointAnswered.event_type else set()
                assert path.tampered[event_type] >= {*hints_of(EVENTS[event_type]), "unsigned"} - without, event_type
            assert {path.row(witness)["outcome"] for witness in ("board", "custodian")} == {COSIGNED}
        finally:
            path.close()

    def publish(self, path, task_id):
        draft = DraftRelease(release_id=new_id(), task_id=task_id, actor_id="statistician")
        digest = path.board.do(lambda work: draft_release(draft, work=work)).ids["digest"]
        approval = ApproveRelease(release_id=draft.release_id, digest=digest, actor_id="approver")
        trust = path.board.context.trust
        path.board.do(lambda work: approve_release(approval, work=work, trust=trust))
        path.carry()

    def test_a_list_of_ids_alone_was_signed_before(self):
        """Twin: the signature over report ids says nothing of the check shares beside them; the whole one does."""
        ids = (new_id(), new_id())
        checks = tuple(CheckShare(report_id=one, values=(1, 2), share="0" * 64) for one in ids)
        honest = ReportsAccepted(task_id=new_id(), checks=checks, signature="0" * 128)
        swapped = replace(honest, checks=(replace(checks[0], values=(0, 0)), checks[1]))
        messages = [
            accepted_message("board", task_hash="a" * 64, report_ids=[check.report_id for check in event.checks])
            for event in (honest, swapped)
        ]
        assert messages[0] == messages[1]
        assert signed_bytes(honest) != signed_bytes(swapped)

    def test_a_message_of_one_type_is_none_of_another(self):
        """Two types with the same fields and values are signed differently: one receipt does not stand for another."""
        values = {"task_id": new_id(), "destroyed_at": datetime(2026, 11, 27, tzinfo=UTC), "signature": "0" * 128}
        assert signed_bytes(BoardKeysDestroyed(**values)) != signed_bytes(CustodianKeysDestroyed(**values))

    def test_what_is_signed_is_what_is_read(self):
        """The bytes are the same before and after the way, whatever zone an instant was made in."""
        moment = datetime(2026, 11, 27, 12, tzinfo=timezone(timedelta(hours=2)))
        event = BoardKeysDestroyed(task_id=new_id(), destroyed_at=moment, signature="0" * 128)
        signed = sign_message(event, SigningKey(secret=bytes(32)))
        again = msgspec.json.decode(msgspec.json.encode(signed), type=BoardKeysDestroyed)
        assert signed_bytes(again) == signed_bytes(event)
        assert b"message_signature" not in signed_bytes(signed)
