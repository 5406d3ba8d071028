"""The receivers that people copy, run as programs and called by the real dispatcher through the worker's own part."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.integrations.webhooks.parts import deliver, parts
from services.integrations.webhooks.signing import draw_key, signed_headers
from shared.contracts.case import EpisodeOpened
from shared.kernel.ids import new_id
from shared.runtime.heartbeat import Heartbeat

EXAMPLES = PROJECT_ROOT / "docs" / "examples"
PYTHON = [sys.executable, "-W", "ignore", str(EXAMPLES / "webhook_receiver.py")]
NODE = ["node", str(EXAMPLES / "webhook_receiver.mjs")]
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed here")


@contextmanager
def running(command, secret, folder):
    """Run a receiver on a free port until it listens; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "WEBHOOK_SECRET": secret, "WEBHOOK_DATABASE": str(folder / "webhooks.db")}
    with (folder / "said").open("w") as said:
        process = subprocess.Popen([*command, str(port)], env=environment, stdout=said, stderr=said, cwd=folder)
        try:
            until = time.monotonic() + 60
            while True:
                assert process.poll() is None, (folder / "said").read_text()
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert time.monotonic() < until
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/in"
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param(PYTHON, "HMAC", id="python"),
        pytest.param(NODE, "HMAC", id="node", marks=needs_node),
        pytest.param(NODE, "ED25519", id="node-ed25519", marks=needs_node),
    ],
)
def test_it_takes_what_is_signed_once_and_refuses_everything_else(command, kind, tmp_path):
    """Repeated, unsigned, altered, under another key, from long ago, and with a key beside the old one."""
    key, body = draw_key(kind), '{"type":"t","subject":"s","sequence":"1"}'

    def headers(keys=(key,), at=None, name="e"):
        return signed_headers(list(keys), name, at or datetime.now(UTC), body)

    with running(command, key.shown, tmp_path) as url, httpx.Client(trust_env=False, timeout=30) as http:
        assert [http.post(url, content=body, headers=headers()).status_code for _ in range(2)] == [204, 204]
        assert http.post(url, content=body, headers=headers([draw_key(kind), key], name="f")).status_code == 204
        bad = [
            {}, headers([draw_key(kind)]), headers(at=datetime(2026, 1, 1, tzinfo=UTC)),
            {**headers(), "webhook-id": "other"}, {**headers(), "webhook-signature": "v1,"},
            {**headers(), "webhook-timestamp": "soon"},
        ]  # fmt: skip
        assert [http.post(url, content=body, headers=given).status_code for given in bad] == [400] * len(bad)
        assert http.post(url, content=body + " ", headers=headers()).status_code == 400
    if command is NODE:
        assert (tmp_path / "said").read_text().split("\n")[:-1] == ["e t", "f t"]
    else:
        with closing(sqlite3.connect(tmp_path / "webhooks.db")) as db:
            assert db.execute("SELECT id FROM taken ORDER BY id").fetchall() == [("e",), ("f",)]


@pytest.mark.parametrize(
    ("command", "signature"),
    [pytest.param(PYTHON, "HMAC", id="python"), pytest.param(NODE, "ED25519", id="node", marks=needs_node)],
)
def test_the_worker_s_part_delivers_to_it_and_stops_when_asked(place, context, keep, tmp_path, command, signature):
    """From an event in the store to the receiver's own record; then the part ends with nothing in hand."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    body = {"url": f"http://127.0.0.1:{port}/in", "signature": signature}
    made = place.post("/v1/webhooks", body, "HOST_ADMIN").json
    environment = {**os.environ, "WEBHOOK_SECRET": made["secret"], "WEBHOOK_DATABASE": str(tmp_path / "webhooks.db")}
    asked, ended = threading.Event(), []
    (part,) = parts()
    assert part.run is deliver
    with (tmp_path / "said").open("w") as said:
        receiver = subprocess.Popen([*command, str(port)], env=environment, stdout=said, stderr=said, cwd=tmp_path)
        thread = threading.Thread(target=lambda: ended.append(part.run(context, asked, Heartbeat(None).watch(asked))))
        thread.start()
        try:
            keep(EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES"))
            until = time.monotonic() + 90
            while True:
                path = f"/v1/webhooks/{made['id']}/deliveries?state=SENT"
                if len(place.get(path, "HOST_ADMIN").json["items"]) == 1:
                    break
                assert time.monotonic() < until, (tmp_path / "said").read_text()
                assert receiver.poll() is None, (tmp_path / "said").read_text()
                time.sleep(0.1)
        finally:
            asked.set()
            thread.join(60)
            receiver.terminate()
            receiver.wait(30)
            place.post(f"/v1/webhooks/{made['id']}/remove", {}, "HOST_ADMIN")
    assert ended == [True]
