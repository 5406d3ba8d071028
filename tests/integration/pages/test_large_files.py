"""A large file through the page's own form, over our own server: as large as by the API, and sealed where it waits."""

import tempfile
import threading
from contextlib import suppress

import httpx
import pytest

from shared.keys import spool as spools
from shared.web.server import BoundedServer
from tests.kit.host_place import PASSWORD
from tests.kit.import_files import COLUMNS, line
from tests.kit.page_browser import fields_of, words

MB = 1024 * 1024
USUAL = 11 * MB


@pytest.fixture
def url(host):
    """The whole host behind the server that we ship, with its usual limit."""
    room_for = host.app.extensions["alongside-large-bodies"].room_for
    server = BoundedServer(host.app, host="127.0.0.1", port=0, max_body_bytes=USUAL, room_for=room_for)

    def run():
        with suppress(OSError):
            server.run()

    threading.Thread(target=run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown(timeout=2)
    for channel in list(server.active_channels.values()):
        channel.will_close = True
    server.accepting = False


def signed_in(host, url, role):
    client = httpx.Client(base_url=url, trust_env=False, timeout=120, headers={"Origin": url})
    form = fields_of(client.get("/sign-in").text, "/sign-in")
    answer = client.post("/sign-in", data={**form, "username": host.login(role), "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def large(rows=60):
    """A file of more than the usual limit: few rows, and a column that is read by nobody."""
    remark = "Zephyrine " * (USUAL // 10 // rows + 1_000)
    header = ",".join((*COLUMNS, "Remark"))
    return "\n".join([header, *(f"{line(f'SYN-L-{n}')},{remark[:32_000]}" for n in range(rows * 8)), ""]).encode()


def send(client, page, target, content):
    form = fields_of(client.get(page).text, target)
    return client.post(target, data=form, files={"file": ("export.csv", content, "text/csv")})


def test_a_file_beyond_the_usual_limit_is_planned_from_the_page(host, url, monkeypatch):
    """It goes the API's own way; nothing of it lies open on the disk."""
    made = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(spools.tempfile, "TemporaryFile", lambda: made.append(real()) or made[-1])
    lead = signed_in(host, url, "HOST_DATA_LEAD")
    content = large()
    assert len(content) > USUAL
    on_disk = []
    seal = spools.SealedSpool.seal
    monkeypatch.setattr(
        spools.SealedSpool,
        "seal",
        lambda spool: (seal(spool), on_disk.append(b"Zephyrine" in (spool._file.seek(0), spool._file.read())[1])),
    )
    answer = send(lead, "/imports", "/imports", content)
    assert answer.status_code == 303, words(answer.text)
    assert on_disk
    assert not any(on_disk)
    host.run_imports()
    assert "480" in words(lead.get(answer.headers["Location"]).text)


def test_a_large_file_can_be_mapped_too(host, url):
    """Its first rows are looked at."""
    lead = signed_in(host, url, "HOST_DATA_LEAD")
    answer = send(lead, "/mappings", "/mappings/columns", large())
    assert answer.status_code == 200
    assert "Which column is what" in words(answer.text)


def test_nobody_else_may_send_so_much(host, url):
    """Without a session, with one that was tampered with, in another role, or to another page: refused by the headers."""
    lead, advocate = (signed_in(host, url, role) for role in ("HOST_DATA_LEAD", "IMSA"))
    room_for = host.app.extensions["alongside-large-bodies"].room_for
    where = url.removeprefix("http://")

    def room(client, path="/imports", method="POST", spoil=""):
        cookies = "; ".join(f"{name}={value}{spoil}" for name, value in client.cookies.items())
        return room_for(method, path, {"HOST": where, "COOKIE": cookies}, "127.0.0.1")

    assert room(lead) > 500 * MB
    assert room(lead, "/mappings/columns") > 500 * MB
    assert [room(advocate), room(lead, spoil="x"), room(lead, "/to-find-out"), room(lead, method="GET")] == [0] * 4
    assert room_for("POST", "/imports", {"HOST": where}, "127.0.0.1") == 0
    token = host.headers("HOST_DATA_LEAD")["Authorization"]
    assert room_for("POST", "/imports", {"HOST": where, "AUTHORIZATION": token}, "127.0.0.1") == 0
    assert room_for("POST", "/imports", {"HOST": "[", "COOKIE": "x"}, "127.0.0.1") == 0
