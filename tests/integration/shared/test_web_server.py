"""The server that we ship: slow, idle and too many callers, floods, and how it says how it is."""

import contextlib
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from flask import Flask, Response

from shared.web import server as module
from shared.web.rate_limits import CONNECTIONS_LEFT, tell_limits
from shared.web.server import BoundedServer


class App:
    """A WSGI application whose /slow waits until it is let go."""

    def __init__(self):
        self.let_go = threading.Event()
        self.began = threading.Semaphore(0)
        self.answered = 0
        self.told = []

    def __call__(self, environ, start_response):
        self.told.append(environ[CONNECTIONS_LEFT])
        if environ["PATH_INFO"] == "/slow":
            self.began.release()
            self.let_go.wait(30)
        self.answered += environ["PATH_INFO"] != "/healthz"
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]


@pytest.fixture
def serve():
    """Starts servers; gives the application and the port."""
    running = []

    def start(**options):
        app = App()
        server = BoundedServer(app, host="127.0.0.1", port=0, max_body_bytes=1_000_000, **options)
        thread = threading.Thread(target=lambda: contextlib.suppress(OSError).__enter__() or server.run(), daemon=True)
        thread.start()
        running.append((app, server))
        return app, int(server.effective_port)

    yield start
    for app, server in running:
        app.let_go.set()
        server.task_dispatcher.shutdown(timeout=2)
        for channel in list(server.active_channels.values()):
            channel.will_close = True
        server.accepting = False


def connection(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def ended(opened, within_s=15):
    """Whether the server closes the connection in time; what it said before."""
    opened.settimeout(within_s)
    said = b""
    try:
        while more := opened.recv(4096):
            said += more
    except TimeoutError:
        return None
    except ConnectionResetError:
        pass
    return said


def test_one_address_holds_at_most_so_many_connections(serve):
    """The next one is told so and closed; as soon as one is free, another is taken."""
    app, port = serve(connections_an_address=5)
    held = [connection(port) for _ in range(5)]
    for one in held:
        one.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        assert one.recv(4096).startswith(b"HTTP/1.1 200")
    refused = ended(connection(port))
    assert refused.startswith(b"HTTP/1.1 503")
    assert b"Retry-After" in refused
    held.pop().close()
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/x", trust_env=False).status_code == 200:
                break
    else:
        pytest.fail("no place became free")
    assert app.answered == 6


def test_the_application_is_told_how_many_connections_are_left(serve):
    """As many as the address may hold, less those that it holds at that moment."""
    app, port = serve(connections_an_address=3)
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as one,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as two,
    ):
        one.get("/")
        two.get("/")
    assert app.told == [(3, 2), (3, 1)]


def test_answers_say_what_is_counted_and_nothing_else():
    """A policy and what is left of it; without a server that counts, nothing is said."""
    app = Flask("limits")
    for counted, told in (((64, 60), True), (None, False)):
        environ = {} if counted is None else {CONNECTIONS_LEFT: counted}
        with app.test_request_context("/", environ_overrides=environ):
            response = Response()
            tell_limits(response)
        assert ("RateLimit" in response.headers) is told
    with app.test_request_context("/", environ_overrides={CONNECTIONS_LEFT: (64, 60)}):
        tell_limits(response)
    assert response.headers["RateLimit-Policy"] == '"connections";q=64;qu="concurrent-requests"'
    assert response.headers["RateLimit"] == '"connections";r=60'


def test_a_request_that_trickles_in_is_let_go(serve, monkeypatch):
    """A byte now and then keeps no connection: the whole request has its time, not each byte."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.8)
    _, port = serve()
    slow = connection(port)
    began = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - began < 15:
            slow.sendall(b"G" if time.monotonic() - began < 0.1 else b"x")
            time.sleep(0.1)
    assert time.monotonic() - began < 14


def test_a_slow_body_is_let_go_and_a_steady_one_is_not(serve, monkeypatch):
    """Patience grows with what has come: a large upload over a poor line may take its time."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.8)
    _, port = serve()
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n"
    slow, steady = connection(port), connection(port)
    for one in (slow, steady):
        one.sendall(head)
    slow.sendall(b"x")
    for _ in range(8):
        steady.sendall(b"x" * 5_000)
        time.sleep(0.2)
    assert steady.recv(4096).startswith(b"HTTP/1.1 200")
    assert ended(slow) == b""


def test_a_silent_connection_and_an_idle_one_are_let_go(serve, monkeypatch):
    """Also one that never says anything."""
    monkeypatch.setattr(module, "BEGIN_S", 0.5)
    monkeypatch.setattr(module, "IDLE_S", 0.5)
    _, port = serve()
    silent, used = connection(port), connection(port)
    used.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
    # Head and body may come apart.
    answer = used.recv(4096)
    while not answer.endswith(b"ok") and (more := used.recv(4096)):
        answer += more
    assert answer.startswith(b"HTTP/1.1 200")
    assert ended(silent) == b""
    assert ended(used) == b""


def test_a_reader_who_takes_nothing_of_a_long_answer_holds_no_thread(monkeypatch):
    """The thread that makes the answer waits for them; it is let go with them."""
    monkeypatch.setattr(module, "IDLE_S", 0.5)
    let_go = threading.Event()

    def pieces():
        try:
            for _ in range(1_000):
                yield bytes(100_000)
        finally:
            let_go.set()

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/csv")])
        return pieces()

    server = BoundedServer(app, host="127.0.0.1", port=0, max_body_bytes=1_000_000, threads=1)
    threading.Thread(target=lambda: contextlib.suppress(OSError).__enter__() or server.run(), daemon=True).start()
    reader = connection(int(server.effective_port))
    reader.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert let_go.wait(20)
    with httpx.stream("GET", f"http://127.0.0.1:{server.effective_port}/", trust_env=False, timeout=20) as answer:
        assert sum(len(piece) for piece in answer.iter_bytes()) == 100_000_000
    server.task_dispatcher.shutdown(timeout=2)
    server.accepting = False


def test_nor_does_one_of_an_answer_that_is_whole(monkeypatch, eventually):
    """What is left of it is dropped with the connection."""
    monkeypatch.setattr(module, "IDLE_S", 0.5)

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/csv"), ("Content-Length", "30000000")])
        return [bytes(30_000_000)]

    server = BoundedServer(app, host="127.0.0.1", port=0, max_body_bytes=1_000_000)
    threading.Thread(target=lambda: contextlib.suppress(OSError).__enter__() or server.run(), daemon=True).start()
    reader = connection(int(server.effective_port))
    reader.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert reader.recv(12) == b"HTTP/1.1 200"
    eventually(lambda: not server.active_channels, within_s=15)
    said = ended(reader)
    server.task_dispatcher.shutdown(timeout=2)
    server.accepting = False
    assert said is not None
    assert len(said) < 30_000_000


def test_a_large_answer_waits_in_memory_and_never_on_disk(monkeypatch):
    """It may be a file of rows with their cells; on the disk it would lie open."""
    made = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *a, **o: made.append(real(*a, **o)) or made[-1])
    content = bytes(n % 251 for n in range(4_000_000))

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/csv"), ("Content-Length", str(len(content)))])
        return [content]

    server = BoundedServer(app, host="127.0.0.1", port=0, max_body_bytes=1_000_000)
    threading.Thread(target=lambda: contextlib.suppress(OSError).__enter__() or server.run(), daemon=True).start()
    answer = httpx.get(f"http://127.0.0.1:{server.effective_port}/", trust_env=False, timeout=30)
    server.task_dispatcher.shutdown(timeout=2)
    server.accepting = False
    assert answer.content == content
    assert made == []


def test_who_would_wait_too_long_is_refused_at_once_and_the_rest_is_answered(serve, monkeypatch):
    """503 with Retry-After while the queue stands; afterwards everything is as before."""
    monkeypatch.setattr(module, "QUEUE_S", 0.3)
    app, port = serve(threads=2)
    url = f"http://127.0.0.1:{port}"
    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(httpx.get, f"{url}/slow", timeout=40, trust_env=False) for _ in range(2)]
        for _ in range(2):
            assert app.began.acquire(timeout=20)
        queued = pool.submit(httpx.get, f"{url}/x", timeout=40, trust_env=False)
        refused, until = None, time.monotonic() + 20
        while refused is None and time.monotonic() < until:
            began = time.monotonic()
            with contextlib.suppress(httpx.ReadTimeout):
                answer = httpx.get(f"{url}/x", timeout=1, trust_env=False)
                refused = answer if answer.status_code == 503 else None
        assert refused is not None
        assert time.monotonic() - began < 5
        assert (refused.json()["code"], refused.headers["Retry-After"]) == ("overloaded", "2")
        app.let_go.set()
        assert [w.result().status_code for w in working] == [200, 200]
        assert queued.result().status_code in (200, 503)
    assert httpx.get(f"{url}/x", trust_env=False).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_how_we_are_is_said_by_a_thread_of_its_own(serve, path):
    """While every other thread hangs."""
    app, port = serve(threads=2)
    with ThreadPoolExecutor(2) as pool:
        working = [
            pool.submit(httpx.get, f"http://127.0.0.1:{port}/slow", timeout=40, trust_env=False) for _ in range(2)
        ]
        for _ in range(2):
            assert app.began.acquire(timeout=20)
        assert httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10, trust_env=False).status_code == 200
        assert not any(w.done() for w in working)
        app.let_go.set()
