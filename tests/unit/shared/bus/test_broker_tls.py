"""TLS towards another owner's broker: what an address may ask, what each refusal is called, what a rotation does."""

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from shared.bus.connection import CONNECTION_ERRORS, BrokerAwayError, open_connection
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.reasons import reason_of
from shared.bus.tls import ClientTls, OwnCertificateError, TlsAddressError, TlsWatch
from tests.kit.certificates import Authority, write

CENTRE = Authority("Invented authority of the centre")
STRANGER = Authority("Invented authority of a stranger")
EXPIRED = {"begins": timedelta(days=-9), "lasts": timedelta(days=-1)}


def address(folder, port, name="127.0.0.1", **more):
    files = {"cacertfile": "authorities", "certfile": "certificate", "keyfile": "key"}
    query = "&".join([*(f"{p}={folder}/{f}.pem" for p, f in files.items()), *(f"{k}={v}" for k, v in more.items())])
    return f"amqps://courier.alder:secret@{name}:{port}/board?{query}"


@contextmanager
def server(folder, *, believes=None):
    """A TLS server that asks for certificates and then says nothing; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    context.load_verify_locations(believes or folder / "authorities.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    held = []

    def serve():
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            secured = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            # Kept open to the end: a socket closed at once could overtake its own alert.
            held.append(secured)
            with suppress(OSError):
                secured.do_handshake()
                secured.recv(8)
                secured.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)
        for connection in held:
            connection.close()


def refusal(uri):
    """The reason for which a connection is refused."""
    with pytest.raises(CONNECTION_ERRORS) as caught:
        open_connection(uri)
    return reason_of(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "amqps://u:p@centre/board?verify=verify_none",
        "amqps://u:p@centre/board?password=x",
        "amqps://u:p@centre/board?certfile=/x",
        "amqp://u:p@centre/board?cacertfile=/x",
    ],
)
def test_an_address_cannot_ask_for_less(uri):
    """Verification cannot be switched off, and an address that is not understood is refused without showing itself."""
    with pytest.raises(TlsAddressError) as caught:
        ClientTls.of(uri)
    assert "u:p" not in str(caught.value)


def test_a_plain_address_has_no_tls():
    """Inside a tenant's own network an address stays as it was."""
    assert ClientTls.of("amqp://u:p@rabbitmq:5672/t-alder") == ("amqp://u:p@rabbitmq:5672/t-alder", None)


def test_an_address_names_whom_it_expects():
    """The name is the host's, or the one that the address says."""
    assert ClientTls.of("amqps://u:p@centre.example/board")[1].server_name == "centre.example"
    assert (
        ClientTls.of("amqps://u:p@10.0.0.1/board?server_name_indication=centre.example")[1].server_name
        == "centre.example"
    )


class TestRefusals:
    """Each way to be refused has a reason of its own in the log."""

    @pytest.fixture
    def own(self, tmp_path):
        return CENTRE.issue(tmp_path / "own", "alder.example")

    def test_theirs_expired(self, tmp_path, own):
        """The centre let its certificate end."""
        with server(CENTRE.issue(tmp_path / "theirs", "centre", addresses=["127.0.0.1"], **EXPIRED)) as port:
            assert refusal(address(own, port)) == "their-certificate-expired"

    def test_theirs_of_a_stranger(self, tmp_path, own):
        """Somebody else answers under the centre's address."""
        with server(STRANGER.issue(tmp_path / "theirs", "centre", addresses=["127.0.0.1"])) as port:
            assert refusal(address(own, port)) == "their-certificate-untrusted"

    def test_theirs_of_another_name(self, tmp_path, own):
        """A certificate of the right authority for another machine is not enough."""
        with server(CENTRE.issue(tmp_path / "theirs", "other.example")) as port:
            assert refusal(address(own, port)) == "their-certificate-of-another-name"

    def test_own_unknown_to_them(self, tmp_path):
        """Our certificate is of an authority that the centre does not believe."""
        theirs = CENTRE.issue(tmp_path / "theirs", "centre", addresses=["127.0.0.1"])
        own = STRANGER.issue(tmp_path / "own", "alder.example", others=[CENTRE])
        with server(theirs) as port:
            assert refusal(address(own, port)) == "own-certificate-untrusted"

    def test_own_expired(self, tmp_path):
        """Our own certificate has ended: said before the centre is even asked."""
        own = CENTRE.issue(tmp_path / "own", "alder.example", **EXPIRED)
        assert refusal(address(own, 1)) == "own-certificate-expired"

    def test_own_not_begun(self, tmp_path):
        """Our clock is wrong, or the certificate was put in place too early."""
        own = CENTRE.issue(tmp_path / "own", "alder.example", begins=timedelta(days=1), lasts=timedelta(days=9))
        assert refusal(address(own, 1)) == "own-certificate-not-yet-valid"

    def test_own_key_of_another(self, tmp_path, own):
        """Half of a pair was replaced."""
        other = CENTRE.issue(tmp_path / "other", "alder.example")
        write(own / "key.pem", (other / "key.pem").read_bytes())
        assert refusal(address(own, 1)) == "own-key-of-another"

    def test_own_missing(self, own):
        """A file that is not there is said to be unusable, not the network."""
        (own / "certificate.pem").unlink()
        assert refusal(address(own, 1)) == "own-certificate-unusable"

    def test_nobody_listens(self, own):
        """A centre that is down is not taken for a wrong certificate."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        assert refusal(address(own, port)) == "connection-refused"

    def test_the_publisher_passes_the_reason_on(self, tmp_path):
        """What the relay logs is what the connection said."""
        own = CENTRE.issue(tmp_path / "own", "alder.example", **EXPIRED)
        with pytest.raises(BrokerAwayError) as caught:
            Publisher(address(own, 1)).publish([Outgoing(exchange="x", envelope=None)])
        assert caught.value.reason == "own-certificate-expired"


class TestRotation:
    """New files are taken up without a restart, and only when they can be used."""

    @pytest.fixture
    def own(self, tmp_path):
        return CENTRE.issue(tmp_path / "own", "alder.example")

    @pytest.fixture
    def watch(self, own):
        made = TlsWatch(address(own, 5671))
        made.opened()
        return made

    def test_nothing_new(self, watch):
        """Files that stay keep the connection."""
        assert not watch.is_outdated()

    def test_new_files(self, own, watch):
        """Replaced files end it, once."""
        CENTRE.issue(own, "alder.example")
        assert watch.is_outdated()
        watch.opened()
        assert not watch.is_outdated()

    def test_unusable_files(self, own, watch):
        """Files that do not fit, or are half replaced, leave the working connection; the mended ones end it."""
        write(own / "key.pem", b"half")
        assert not watch.is_outdated()
        CENTRE.issue(own, "alder.example")
        assert watch.is_outdated()

    def test_a_missing_authority_is_no_rotation(self, own, watch):
        """A folder in the midst of being changed is waited for."""
        (own / "authorities.pem").unlink()
        assert not watch.is_outdated()

    def test_no_tls(self):
        """An address without TLS has nothing to rotate."""
        assert not TlsWatch("amqp://u:p@rabbitmq/t-alder").is_outdated()


def test_the_error_names_the_file(tmp_path):
    """Whoever reads it knows which file to replace; no key and no password is in it."""
    own = CENTRE.issue(tmp_path / "own", "alder.example", **EXPIRED)
    with pytest.raises(OwnCertificateError, match=r"certificate\.pem: ended on .*; replace it"):
        ClientTls.of(address(own, 1))[1].options()
