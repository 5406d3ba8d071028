"""Deliveries over real sockets of this machine: TLS to the right name, and receivers that behave badly."""

import time
from dataclasses import replace

import pytest

from services.integrations.webhooks.posting import Poster
from services.integrations.webhooks.targets import read_target
from tests.kit.receivers import badly, certificate_of, receiver

NAME = "hooks.example.org"


def here(host, port):
    return ["127.0.0.1"]


def tls_target(port):
    """As read from an address, but that it may be this machine, on the port that is free here."""
    return replace(read_target(f"https://{NAME}/in", demo=False), port=port, loopback=True)


def demo_target(port):
    return read_target(f"http://127.0.0.1:{port}/in?a=b", demo=True)


def test_tls_is_spoken_to_the_name(tmp_path):
    """The certificate is the name's, although a number was dialled."""
    serving, trusting = certificate_of(NAME, tmp_path)
    with receiver(tls=serving) as (port, got):
        outcome = Poster(resolve=here, trust=trusting).post(tls_target(port), {"webhook-id": "e"}, b"{}")
    assert outcome.status == 200
    assert (got[0]["headers"]["host"], got[0]["body"]) == (f"{NAME}:{port}", "{}")


def test_another_s_certificate_is_refused(tmp_path):
    """So whoever sits at the address without the name's key learns nothing."""
    serving, trusting = certificate_of("other.example.org", tmp_path)
    with receiver(tls=serving) as (port, got):
        outcome = Poster(resolve=here, trust=trusting).post(tls_target(port), {}, b"{}")
    assert (outcome.status, outcome.reason, got) == (None, "CERTIFICATE_REFUSED", [])


def test_an_unknown_authority_is_refused(tmp_path):
    """Only the public ones are believed."""
    serving, _ = certificate_of(NAME, tmp_path)
    with receiver(tls=serving) as (port, got):
        outcome = Poster(resolve=here).post(tls_target(port), {}, b"{}")
    assert (outcome.reason, got) == ("CERTIFICATE_REFUSED", [])


def test_a_server_without_tls_is_refused(tmp_path):
    """Nothing goes out in the clear."""
    _, trusting = certificate_of(NAME, tmp_path)
    with badly(lambda connection, ended: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        assert Poster(resolve=here, trust=trusting).post(tls_target(port), {}, b"{}").reason == "TLS_FAILED"


def test_http_in_a_demo():
    """The body arrives whole, with the query."""
    with receiver() as (port, got):
        outcome = Poster().post(demo_target(port), {"webhook-id": "e"}, b'{"a":1}')
    assert outcome.succeeded
    assert (got[0]["path"], got[0]["body"], got[0]["headers"]["webhook-id"]) == ("/in?a=b", '{"a":1}', "e")


def drips(connection, ended):
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: a\r\n" * 10_000:
        connection.sendall(bytes([byte]))
        if ended.wait(0.02):
            return


def says_nothing(connection, ended):
    ended.wait(30)


@pytest.mark.parametrize("behave", [drips, says_nothing])
def test_a_slow_answer_ends_with_the_whole_time(behave):
    """A byte now and then is no reason to wait on."""
    with badly(behave) as port:
        began = time.monotonic()
        outcome = Poster(whole_s=0.5).post(demo_target(port), {}, b"{}")
        took = time.monotonic() - began
    assert outcome.reason == "TIMED_OUT"
    # Far below what these would take, however busy the machine.
    assert took < 20


def test_endless_headers_end():
    """A receiver that never comes to its point is left after 16 kB."""

    def endless(connection, ended):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not ended.is_set():
            connection.sendall(b"X-A: " + b"a" * 4096 + b"\r\n")

    with badly(endless) as port:
        assert Poster().post(demo_target(port), {}, b"{}").reason == "ANSWER_TOO_LARGE"


def test_an_endless_body_is_not_read():
    """The status is all that is wanted."""

    def endless(connection, ended):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        while not ended.is_set():
            connection.sendall(b"a" * 65536)

    with badly(endless) as port:
        assert Poster().post(demo_target(port), {}, b"{}").status == 200


def test_a_redirect_inward_is_not_followed():
    """The metadata service of a cloud is not asked."""
    with receiver(lambda request: (302, {"Location": "http://169.254.169.254/latest/meta-data/"})) as (port, got):
        outcome = Poster().post(demo_target(port), {}, b"{}")
    assert (outcome.status, outcome.succeeded, len(got)) == (302, False, 1)


def test_nobody_there():
    """A closed port is a failure as any other."""
    with receiver() as (port, _):
        pass
    assert Poster().post(demo_target(port), {}, b"{}").reason == "NOT_REACHED"


def test_a_connection_that_is_cut_is_a_failure():
    """Before any answer."""
    with badly(lambda connection, ended: None) as port:
        assert Poster().post(demo_target(port), {}, b"{}").reason in {"NOT_HTTP", "NOT_REACHED"}
