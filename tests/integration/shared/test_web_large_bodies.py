"""Files that are larger than any other body, over our own server: who may send one, and how it waits on disk."""

import hashlib
import socket
import tempfile
import threading
from contextlib import suppress

import httpx
import pytest

from shared.kernel.ids import new_id
from shared.keys import spool as spools
from shared.web.large_bodies import taken_file
from shared.web.routes import Route, RouteGroup
from shared.web.server import BoundedServer
from tests.kit.web_place import web_place

pytestmark = pytest.mark.integration

MB = 1024 * 1024
NOBODY = ({}, {"AUTHORIZATION": ""}, {"AUTHORIZATION": "Bearer x"})


def files(_database):
    def take(_asked, _web):
        spool = taken_file(3 * MB)
        return {"size": spool.size, "sha256": hashlib.sha256(spool.reader().read()).hexdigest()}

    return RouteGroup(
        name="files",
        about="Files",
        routes=[
            Route(
                method="POST", path="/v1/files", says="Take a file.", roles=["IMSA"], scope="files:write",
                file_bytes=3 * MB, answered_by=take,
            ),
            Route(method="POST", path="/v1/other", says="Take a file too.", roles=["IMSA"], answered_by=take),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def served(engines):
    """An application behind our own server, which takes a megabyte elsewhere."""
    with web_place(engines, files) as place:
        room_for = place.app.extensions["alongside-large-bodies"].room_for
        server = BoundedServer(place.app, host="127.0.0.1", port=0, max_body_bytes=MB, room_for=room_for)

        def run():
            with suppress(OSError):
                server.run()

        threading.Thread(target=run, daemon=True).start()
        yield place, f"http://127.0.0.1:{server.effective_port}"
        server.task_dispatcher.shutdown(timeout=2)
        for channel in list(server.active_channels.values()):
            channel.will_close = True
        server.accepting = False


def send(served, content, path="/v1/files", **who):
    place, url = served
    headers = {"Authorization": f"Bearer {place.token(**who)}", "Idempotency-Key": new_id()}
    return httpx.post(url + path, content=content, headers=headers, trust_env=False, timeout=30)


@pytest.mark.parametrize("size", [1, 300_000, 600_000, 2 * MB, 3 * MB])
@pytest.mark.parametrize("who", [{}, {"role": "MACHINE", "scopes": ["files:write"]}])
def test_whoever_may_sends_all_of_it(served, size, who):
    """Small or large, by role or by a machine key's scope; each byte arrives."""
    content = bytes(n % 251 for n in range(size))
    answer = send(served, content, **who)
    assert answer.json() == {"size": size, "sha256": hashlib.sha256(content).hexdigest()}


def test_in_chunks_too(served):
    """A body whose length nobody said."""
    answer = send(served, (bytes(100_000) for _ in range(20)))
    assert answer.json()["size"] == 2_000_000


@pytest.mark.parametrize(
    ("path", "who"), [("/v1/files", {"role": "ADVOCATE"}), ("/v1/other", {}), ("/v1/files/", {}), ("/v1/nowhere", {})]
)
def test_nobody_else_does(served, path, who):
    """Another role, another address: refused when the headers are there, before the body is."""
    place, url = served
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {place.token(**who)}\r\n"
        f"Idempotency-Key: k\r\nContent-Type: text/csv\r\nContent-Length: {2 * MB}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20) as opened:
        opened.sendall(head.encode())
        assert opened.recv(100).startswith(b"HTTP/1.1 413")


def test_nor_without_a_token(served):
    """The same."""
    place, _ = served
    room_for = place.app.extensions["alongside-large-bodies"].room_for
    assert [room_for("POST", "/v1/files", headers, "127.0.0.1") for headers in NOBODY] == [0, 0, 0]
    assert room_for("GET", "/v1/files", {"AUTHORIZATION": f"Bearer {place.token()}"}, "127.0.0.1") == 0


def test_nor_with_a_machine_key_from_elsewhere(served):
    """A key that is bound to networks brings no large file from another, as it does nothing else there."""
    key = {"role": "MACHINE", "scopes": ["files:write"], "networks": ["203.0.113.0/24"]}
    with suppress(httpx.WriteError, httpx.ReadError):
        assert send(served, bytes(2 * MB), **key).status_code == 413
    room_for = served[0].app.extensions["alongside-large-bodies"].room_for
    token = {"AUTHORIZATION": f"Bearer {served[0].token(**key)}"}
    assert room_for("POST", "/v1/files", token, "127.0.0.1") == 0
    assert room_for("POST", "/v1/files", token, "203.0.113.9") > 3 * MB


def test_more_than_a_file_may_have_is_refused(served):
    """By the server, while it comes."""
    with suppress(httpx.WriteError, httpx.ReadError):
        assert send(served, bytes(3 * MB + 1)).status_code == 413


def test_on_disk_it_opens_for_nobody(served, monkeypatch):
    """Sealed from the moment that it comes, and gone when it was read."""
    made = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(spools.tempfile, "TemporaryFile", lambda: made.append(real()) or made[-1])
    seen = []
    write = spools.SealedSpool.seal
    monkeypatch.setattr(
        spools.SealedSpool, "seal", lambda spool: (write(spool), seen.append(spool._file.seek(0) or spool._file.read()))
    )
    assert send(served, b"Planted name\n" * 100_000).status_code == 200
    assert seen
    assert not any(b"Planted" in content for content in seen)
    assert len(made) == 1
