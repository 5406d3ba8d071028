"""Frames are cut from what one look at the socket gave; nothing is lost, nothing waits unseen, also under TLS."""

import socket
import ssl
import struct
import threading
from types import SimpleNamespace

import pytest
from amqp.exceptions import UnexpectedFrame

from shared.bus.frames import RECEIVE_BYTES, BufferedTransport
from shared.bus.liveness import has_input
from tests.kit.certificates import Authority

AUTHORITY = Authority("Invented authority of the frames")


def frame(payload, *, end=0xCE):
    return struct.pack(">BHI", 1, 7, len(payload)) + payload + bytes([end])


class Peer:
    """The other side of one connection: sends what it is told, and counts how often the socket was asked."""

    def __init__(self, folder=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        options = False
        if folder is not None:
            options = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": f"{folder}/authorities.pem",
                       "server_hostname": "127.0.0.1"}  # fmt: skip
        accepting = threading.Thread(target=self.accept, args=(folder,))
        accepting.start()
        port = self.listener.getsockname()[1]
        connection = BufferedTransport.Connection(f"127.0.0.1:{port}")
        self.transport = connection.Transport(f"127.0.0.1:{port}", 5, options, 5, 5, socket_settings=None)
        self.transport.connect()
        accepting.join(5)
        self.transport.sock.settimeout(0.05)
        self.asked = 0

    def accept(self, folder):
        self.socket, _ = self.listener.accept()
        if folder is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.socket.recv(8)

    def count(self):
        """Count from now on how often the socket is asked."""
        real = self.transport.sock

        def recv(size):
            self.asked += 1
            return real.recv(size)

        self.transport.sock = SimpleNamespace(recv=recv, fileno=real.fileno, pending=getattr(real, "pending", None))

    def read(self):
        return self.transport.read_frame()[2]

    def close(self):
        self.socket.close()
        self.listener.close()
        self.transport.sock.close()


@pytest.fixture(params=["plain", "tls"])
def peer(request, tmp_path):
    if request.param == "tls":
        AUTHORITY.issue(tmp_path, "broker", addresses=["127.0.0.1"])
    made = Peer(tmp_path if request.param == "tls" else None)
    yield made
    made.close()


def test_many_frames_cost_one_look_at_the_socket(peer):
    """What came together is cut from memory, in order, and known to be there."""
    real = peer.transport.sock
    peer.socket.sendall(b"".join(frame(bytes([n])) for n in range(100)))
    peer.count()
    assert [peer.read() for _ in range(100)] == [bytes([n]) for n in range(100)]
    assert peer.asked == 1
    assert not peer.transport.has_frame()
    peer.transport.sock = real


def test_a_wait_that_ends_in_the_middle_loses_nothing(peer):
    """However the bytes come, the frame is whole; and half a frame is nothing that can be read without a wait."""
    whole = frame(b"payload")
    for n in range(len(whole) - 1):
        peer.socket.sendall(whole[n : n + 1])
        with pytest.raises(TimeoutError):
            peer.read()
        assert not has_input(SimpleNamespace(transport=peer.transport))
    peer.socket.sendall(whole[-1:] + frame(b"next"))
    peer.transport.sock.settimeout(5)
    assert (peer.read(), peer.read()) == (b"payload", b"next")


def test_a_frame_that_waits_in_memory_is_input(peer):
    """The socket is empty by then, so it alone would say that there is nothing."""
    peer.socket.sendall(frame(b"one") + frame(b"two"))
    peer.transport.sock.settimeout(5)
    peer.read()
    assert has_input(SimpleNamespace(transport=peer.transport))
    peer.read()
    assert not has_input(SimpleNamespace(transport=peer.transport))


def test_a_frame_larger_than_one_look_is_whole(peer):
    """Such as the body of a large message, with an empty one behind it."""
    large = bytes(range(256)) * (3 * RECEIVE_BYTES // 256)
    sending = threading.Thread(target=peer.socket.sendall, args=(frame(large) + frame(b""),))
    sending.start()
    peer.transport.sock.settimeout(5)
    assert (peer.read(), peer.read()) == (large, b"")
    sending.join(5)


def test_what_is_no_frame_is_refused(peer):
    """Whoever speaks another protocol is not believed."""
    peer.socket.sendall(frame(b"x", end=0x00))
    peer.transport.sock.settimeout(5)
    with pytest.raises(UnexpectedFrame):
        peer.read()


def test_a_peer_that_goes_in_the_middle_is_lost(peer):
    """An error of a lost connection, at once, and no half frame."""
    peer.socket.sendall(frame(b"payload")[:5])
    peer.socket.close()
    peer.transport.sock.settimeout(5)
    with pytest.raises(OSError, match=r"closed|reset|EOF") as lost:
        peer.read()
    assert not isinstance(lost.value, TimeoutError)
    assert not peer.transport.connected
