"""Bodies as our server takes them, piece by piece, without a socket."""

import pytest
from waitress.adjustments import Adjustments

from shared.web.server_bodies import BoundedParser

HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def parser():
    settings = Adjustments(max_request_body_size=4_000_000)
    settings.room_for = lambda _method, _path, _headers, _address: 0
    begun = BoundedParser(settings, address="192.0.2.1")
    begun.received(HEAD)
    return begun


@pytest.mark.parametrize("first", [b"", b"0\r\n"], ids=["a chunk's line", "what follows the last chunk"])
def test_what_never_ends_between_chunks_is_refused_soon(first):
    """The server's one reading thread would search all of it anew with each piece: the work grows with its square."""
    request, sent = parser(), 0
    if first:
        request.received(first)
    while not request.completed:
        request.received(b"a" * 4096)
        sent += 4096
    assert request.error.code == 400
    assert sent <= 32_768


def test_a_body_in_chunks_is_taken_wherever_it_is_cut():
    """With what a chunk's line may say, and a trailer."""
    body = b"".join(b"%x;name=value\r\n%s\r\n" % (n, b"x" * n) for n in range(1, 200)) + b"0\r\nX-Sum: 1\r\n\r\n"
    for size in (1, 7, 8192):
        request = parser()
        for at in range(0, len(body), size):
            request.received(body[at : at + size])
        assert request.completed
        assert request.error is None
        assert request.get_body_stream().read() == b"x" * 19_900
