"""After the end of a task no key opens what stands in dump, oplog, journal, folders or queues of board and custodian."""

import base64
import json
import re

import bson
import pytest

from shared.keys import sealing, sharing
from shared.keys.sealing import SealedForAnotherError, ServerKey
from tests.kit.statistics_path import HOSTS

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


def oplog(path, since):
    """What the database's own history still holds of them."""
    names = [party.database.name for party in path.parties]
    ours = {"$regex": f"^({'|'.join(names)})\\."}
    query = {"ts": {"$gte": since}, "$or": [{"ns": ours}, {"o.applyOps.ns": ours}]}
    found = [bson.encode(entry) for entry in path.client["local"]["oplog.rs"].find(query)]
    assert found, "the history of this task was looked at"
    return b"\n".join(found)


def crossed(path):
    """Every message that ever stood in a queue between them."""
    return b"\n".join(bytes(event["body"]) for _row, event, _target in path.delivered)


def places(path):
    """Everything that was sealed for this task, with the associated data to which it is bound."""
    task = path.board.task()
    bound = {}
    for _row, event, _target in path.delivered:
        said = json.loads(event["body"])
        if "sealed" in said and "report_id" in said:
            parts = {name: said[name] for name in ("task_hash", "host", "report_id")}
            bound[sealing.from_text(said["sealed"])] = sharing.report_context(period=task["period"], **parts)
        elif "sealed" in said:
            context = sharing.sum_context(task_hash=task["task_hash"], period=task["period"])
            bound[sealing.from_text(said["sealed"])] = context
    return bound


def opened(secrets, bound):
    """The sealed contents that one of these secrets opens in its place."""
    found = set()
    for secret in secrets:
        key = ServerKey(secret=secret)
        for blob, context in bound.items():
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
    since = path.client.admin.command("ping")["operationTime"]
    path.open()
    path.sign_all()
    path.seal_all()
    path.carry()
    alive = task_secrets(path)
    assert {file.suffix for file in alive} >= {".server", ".coin"}
    path.finish()
    assert path.board.task()["result"]["people"] == 60
    written = dump(path) + oplog(path, since) + crossed(path)
    bound = places(path)
    found = {base64.b64decode(m + b"=" * (-len(m) % 4)) for m in SEALED.findall(written)}
    assert found == set(bound), "nothing sealed stands anywhere but what is searched here"

    # Twin: whoever had copied the keys in time reads both halves of every host, and the board's one sum.
    assert len(opened(alive.values(), bound)) == len(bound) == 2 * len(HOSTS) + 1

    left = {file: file.read_bytes() for file in folders(path)}
    assert not set(left) & set(alive), "every key of the task is gone"
    existing = {content for content in left.values() if len(content) == sealing.KEY_BYTES}
    existing |= {secret for content in (*left.values(), dump(path)) for secret in secrets_in(content)}
    existing |= {key.secret for key in path.keys.values()}
    assert len(existing) > len(HOSTS)
    assert opened(existing, bound) == set()

    # Nor did a key of the task ever leave its file: not into a message, not into any file of the database.
    path.client.admin.command("fsync")
    forms = [
        form
        for secret in alive.values()
        for form in (secret, secret.hex().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret))
    ]
    assert not any(form in store for form in forms for store in (written, *left.values()))
    database = [file for file in engines.layout.home.rglob("*") if file.is_file() and "mongo" in file.parts]
    assert any("journal" in file.parts for file in database)
    for file in database:
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            # A collection of another test's that was dropped meanwhile.
            continue
        assert not any(form in content for form in forms), file.name
