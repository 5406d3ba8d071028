"""Where a delivery connects to, whatever the name's server says: hostile answers, with every dial watched."""

import threading

import httpcore
import pytest

from services.integrations.webhooks.posting import Poster
from services.integrations.webhooks.targets import read_target
from shared.web.outbound import connecting
from shared.web.outbound.looking_up import LookupFailedError, look_up

TARGET = read_target("https://hooks.example.org/in", demo=False)
OK = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]


class Stream(httpcore.MockStream):
    """A connection that says what it is told, and remembers for whom TLS was asked and what was sent."""

    def __init__(self, answers, peer=None):
        super().__init__(list(answers))
        self.peer, self.names, self.sent = peer, [], b""

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        self.names.append(server_hostname)
        return self

    def write(self, buffer, timeout=None):
        self.sent += buffer

    def get_extra_info(self, info):
        return self.peer if info == "server_addr" else None


class Dials:
    """Every address that was dialled."""

    def __init__(self, answers=OK, *, refuse=(), peer=None):
        self.dialled, self.streams = [], []
        self.answers, self.refuse, self.peer = answers, refuse, peer

    def __call__(self, address, port, timeout_s):
        self.dialled.append((address, port))
        if address in self.refuse:
            raise httpcore.ConnectError
        self.streams.append(Stream(self.answers, self.peer))
        return self.streams[-1]


def posted(resolve, dial, target=TARGET, **options):
    return Poster(resolve=resolve, dial=dial, **options).post(target, {"webhook-id": "e"}, b"{}")


def test_it_dials_the_number_that_was_checked_and_speaks_to_the_name():
    """SNI and Host bear the name; the connection goes to the address."""
    dial = Dials()
    outcome = posted(lambda host, port: ["8.8.8.8"], dial)
    assert (outcome.status, outcome.reason, dial.dialled) == (200, "ANSWERED", [("8.8.8.8", 443)])
    (stream,) = dial.streams
    assert stream.names == ["hooks.example.org"]
    assert b"\r\nhost: hooks.example.org\r\n" in stream.sent.lower()
    assert stream.sent.startswith(b"POST /in HTTP/1.1\r\n")


def test_a_name_that_rebinds_between_check_and_connection_gains_nothing():
    """It is asked once a connection: the first answer is checked and dialled, a second one never is."""
    answers = iter([["8.8.8.8"], ["169.254.169.254"], ["127.0.0.1"]])
    dial = Dials()
    assert posted(lambda host, port: next(answers), dial).succeeded
    assert dial.dialled == [("8.8.8.8", 443)]
    assert posted(lambda host, port: next(answers), dial).reason == "ADDRESS_REFUSED"
    assert dial.dialled == [("8.8.8.8", 443)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["169.254.169.254"], ["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["10.0.0.5"], ["fd00::1"], ["fe80::1%eth0"],
        ["64:ff9b::a9fe:a9fe"], ["2002:a9fe:a9fe::"], ["8.8.8.8", "10.0.0.5"], ["10.0.0.5", "8.8.8.8"], ["0.0.0.0"],  # noqa: S104
        ["8.8.8.8", "not an address"],
    ],
)  # fmt: skip
def test_nothing_is_dialled_where_one_address_is_refused(addresses):
    """Also where a good one stands beside it, and where a chain of CNAMEs ends inside."""
    dial = Dials()
    assert posted(lambda host, port: addresses, dial).reason == "ADDRESS_REFUSED"
    assert dial.dialled == []


def test_a_demo_s_own_machine_is_the_only_place_for_its_http():
    """Localhost that leads elsewhere leads nowhere."""
    target = read_target("http://localhost:8000/in", demo=True)
    dial = Dials()
    assert posted(lambda host, port: ["10.0.0.5"], dial, target).reason == "ADDRESS_REFUSED"
    assert posted(lambda host, port: ["8.8.8.8"], dial, target).reason == "ADDRESS_REFUSED"
    assert dial.dialled == []
    assert posted(lambda host, port: ["127.0.0.1"], dial, target).succeeded


def test_a_route_that_leads_elsewhere_is_noticed():
    """The machine's own word on whom it is connected to counts as well, and nothing is sent."""
    dial = Dials(peer=("169.254.169.254", 443))
    assert posted(lambda host, port: ["8.8.8.8"], dial).reason == "ADDRESS_REFUSED"
    assert dial.streams[0].sent == b""


def test_the_second_address_is_tried_and_no_third():
    """One dead address of a pair does no harm; a long list is not walked through."""
    dial = Dials(refuse=("8.8.8.8",))
    assert posted(lambda host, port: ["8.8.8.8", "1.1.1.1"], dial).succeeded
    dial = Dials(refuse=("8.8.8.8", "1.1.1.1"))
    assert posted(lambda host, port: ["8.8.8.8", "1.1.1.1", "9.9.9.9"], dial).reason == "NOT_REACHED"
    assert len(dial.dialled) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    """It is an answer that is no success; nothing else is dialled."""
    said = f"HTTP/1.1 {status} Go\r\nLocation: http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n"
    dial = Dials([said.encode()])
    outcome = posted(lambda host, port: ["8.8.8.8"], dial)
    assert (outcome.status, outcome.succeeded, len(dial.dialled)) == (status, False, 1)


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    """Whoever may set a variable does not see what is sent."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://10.0.0.9:3128")
    dial = Dials()
    assert posted(lambda host, port: ["8.8.8.8"], dial).succeeded
    assert dial.dialled == [("8.8.8.8", 443)]


def test_endless_headers_end():
    """After 16 kB nothing more is read."""
    dial = Dials([b"HTTP/1.1 200 OK\r\n", *[b"X-A: " + b"a" * 1000 + b"\r\n"] * 100])
    assert posted(lambda host, port: ["8.8.8.8"], dial).reason == "ANSWER_TOO_LARGE"


def test_endless_interim_answers_end():
    """Each is well-formed; together they are too much."""
    dial = Dials([b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 2000)
    assert posted(lambda host, port: ["8.8.8.8"], dial).reason == "ANSWER_TOO_LARGE"


def test_what_is_no_http_is_a_failure():
    """And no error."""
    assert posted(lambda host, port: ["8.8.8.8"], Dials([b"\x00\xff" * 100, b""])).reason == "NOT_HTTP"
    assert posted(lambda host, port: ["8.8.8.8"], Dials([b""])).reason == "NOT_HTTP"


@pytest.mark.parametrize("error", [OSError(), UnicodeError()])
def test_a_name_without_address_is_a_failure(error):
    """However the resolver says so."""

    def resolve(host, port):
        raise error

    assert posted(resolve, Dials()).reason == "NAME_NOT_FOUND"
    assert posted(lambda host, port: [], Dials()).reason == "NAME_NOT_FOUND"


def test_a_resolver_that_hangs_is_not_waited_for():
    """The lookup is left to itself after its time, and its answer, when it comes, is nobody's."""
    release = threading.Event()

    def hangs(host, port):
        release.wait(30)
        return ["8.8.8.8"]

    with pytest.raises(LookupFailedError):
        look_up(hangs, "hooks.example.org", 443, within_s=0.05)
    release.set()


def test_lookups_that_hang_are_bounded(monkeypatch):
    """Who comes after them is refused at once, and can look up again when they are back."""
    monkeypatch.setattr("shared.web.outbound.looking_up._places", threading.BoundedSemaphore(1))
    release, back = threading.Event(), threading.Event()

    def hangs(host, port):
        release.wait(30)
        back.set()
        return []

    for _ in range(2):
        with pytest.raises(LookupFailedError):
            look_up(hangs, "a.example.org", 443, within_s=0.05)
    assert not back.is_set()
    release.set()
    assert back.wait(10)


def test_a_lookup_that_cannot_begin_keeps_no_place(monkeypatch):
    """A machine without room for a thread refuses one lookup, and is whole again when it has room."""
    monkeypatch.setattr("shared.web.outbound.looking_up._places", threading.BoundedSemaphore(1))

    def no_room(_thread):
        raise RuntimeError

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_room)
        with pytest.raises(LookupFailedError):
            look_up(lambda host, port: ["8.8.8.8"], "a.example.org", 443, within_s=10)
    assert look_up(lambda host, port: ["8.8.8.8"], "a.example.org", 443, within_s=10) == ["8.8.8.8"]


def test_the_whole_exchange_has_one_bound(monkeypatch):
    """Every step takes from the same time, so that many short waits are no long one."""
    now = [0.0]
    monkeypatch.setattr(connecting.time, "monotonic", lambda: now[0])
    bounds = connecting.Bounds(whole_s=15)
    assert bounds.seconds() == 15
    assert bounds.seconds(5) == 5
    now[0] = 14.0
    assert bounds.seconds(5) == 1
    now[0] = 15.0
    with pytest.raises(connecting.OutOfTimeError):
        bounds.seconds()
