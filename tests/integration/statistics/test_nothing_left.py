"""After the end of a task no key opens what stands in dump, oplog, journal, folders or queues of board and custodian."""

import base64
import json
import re

import bson
import pytest

from shared.keys import sealing, sharing
from shared.keys.sealing import SealedForAnotherError, ServerKey
from tests.integration.statistics.statistics_path import HOSTS

pytestmark = pytest.mark.integration

SERVERS = ("board", "custodian")
SEALED = re.compile(rb"[A-Za-z0-9+/]{200,}={0,2}")
SECRETS = (re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"), re.compile(rb"[A-Za-z0-9+/_-]{43}=?"))


def folders(path):
    return [file for server in SERVERS for file in (path.folder / server).rglob("*") if file.is_file()]


def task_secrets(path):
    """Every key that a server holds for the running task, by file."""
    return {file: file.read_bytes() for file in folders(path) if file.parent.name == "tasks"}


def dump(path):
    """Every document of both servers' databases, and of each host's outbox, where its sealed halves wait."""
    parts = [b""]
    for party in (path.board, path.custodian):
        for name in party.database.list_collection_names():
            parts += [bson.encode(document) for document in party.database[name].find()]
    parts += [bson.encode(row) for host in path.reporting.values() for row in host.database["outbox"].find()]
    return b"\n".join(parts)


def oplog(path):
    """What the database's own history still holds of them."""
    names = {party.database.name for party in path.parties}
    entries = path.client["local"]["oplog.rs"].find()
    wanted = [bson.encode(e) for e in entries if names & set(re.findall(r"as_x[0-9a-f]{8}_[a-z]+", repr(e)))]
    assert wanted, "the history of this task was looked at"
    return b"\n".join(wanted)


def crossed(path):
    """Every message that ever stood in a queue between them."""
    return b"\n".join(bytes(event["body"]) for _row, event, _target in path.delivered)


def contexts(path):
    """The associated data of everything that was sealed for this task."""
    task = path.board.task()
    bound = [sharing.sum_context(task_hash=task["task_hash"], period=task["period"])]
    for _row, event, _target in path.delivered:
        said = json.loads(event["body"])
        if {"report_id", "host", "task_hash"} <= set(said):
            bound.append(
                sharing.report_context(
                    task_hash=said["task_hash"], period=task["period"], host=said["host"], report_id=said["report_id"]
                )
            )
    return sorted(set(bound))


def opened(secrets, blobs, bound):
    """The sealed contents that one of these secrets opens in one of these places."""
    found = set()
    for secret in secrets:
        key = ServerKey(secret=secret)
        for blob in blobs:
            for context in bound:
                try:
                    key.open_sealed(blob, context)
                except SealedForAnotherError:
                    continue
                found.add(blob)
    return found


def secrets_in(content):
    """Every 32 bytes that a text could mean as a key, in hexadecimal or base64."""
    found = {bytes.fromhex(m.decode()) for m in SECRETS[0].findall(content)}
    for text in SECRETS[1].findall(content):
        decoded = base64.urlsafe_b64decode(text.replace(b"+", b"-").replace(b"/", b"_").rstrip(b"=") + b"=")
        found |= {decoded} if len(decoded) == sealing.KEY_BYTES else set()
    return found


@pytest.mark.timeout(300)
def test_nothing_opens_when_the_task_has_ended(path, engines):
    """With the keys that lived a moment before everything opens, so the search can find; with all that are left, nothing."""
    path.open()
    path.sign_all()
    path.seal_all()
    path.carry()
    alive = task_secrets(path)
    assert {file.suffix for file in alive} >= {".server", ".coin"}
    path.finish()
    assert path.board.task()["result"]["people"] == 60
    sealed = {
        base64.b64decode(m + b"=" * (-len(m) % 4)) for m in SEALED.findall(dump(path) + oplog(path) + crossed(path))
    }
    bound = contexts(path)

    # Twin: whoever had copied the keys in time reads both halves of every host, and the board's one sum.
    assert len(opened(alive.values(), sealed, bound)) == 2 * len(HOSTS) + 1

    left = {file: file.read_bytes() for file in folders(path)}
    assert not set(left) & set(alive), "every key of the task is gone"
    existing = {content for content in left.values() if len(content) == sealing.KEY_BYTES}
    existing |= {secret for content in (*left.values(), dump(path)) for secret in secrets_in(content)}
    existing |= {key.secret for key in path.keys.values()}
    assert len(existing) > len(HOSTS)
    assert opened(existing, sealed, bound) == set()

    # Nor did a key of the task ever leave its file: not into a message, not into any file of the database.
    path.client.admin.command("fsync")
    stores = [dump(path), oplog(path), crossed(path), *left.values()]
    stores += [file.read_bytes() for file in engines.layout.home.joinpath("mongo").rglob("*") if file.is_file()]
    for secret in alive.values():
        forms = (secret, secret.hex().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret))
        assert not any(form in store for form in forms for store in stores)
