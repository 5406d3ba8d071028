import base64
import http.client
import json
import socket
from pathlib import Path

import amqp
import pytest

from deploy.engines.errors import PortTakenError
from deploy.engines.rabbit_config import ADMIN_USER
from deploy.engines.rabbitmq import RabbitNode

pytestmark = pytest.mark.integration


def call(node, layout, path, *, method="GET", login=None, body=None):
    """Status and parsed body of a management call."""
    token = base64.b64encode(":".join(login or node.admin_credentials()).encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", layout.rabbit_management_port, timeout=10)
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    connection.request(method, path, headers=headers, body=json.dumps(body) if body is not None else None)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


@pytest.fixture
def connect(rabbit, own_layout):
    """Opens AMQP connections of the administrator on a vhost of the test module's own."""
    call(rabbit, own_layout, "/api/vhosts/probe", method="PUT")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    call(rabbit, own_layout, f"/api/permissions/probe/{ADMIN_USER}", method="PUT", body=everything)
    opened = []

    def open_one():
        user, password = rabbit.admin_credentials()
        connection = amqp.Connection(
            f"127.0.0.1:{own_layout.amqp_port}", userid=user, password=password, virtual_host="probe"
        )
        connection.connect()
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        connection.collect()


def declare(connect, queue):
    """A channel with confirms on which the quorum queue was declared."""
    channel = connect().channel()
    channel.confirm_select()
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
    return channel


def queue_files(node_dir):
    """Give the files in which a node keeps what queues there are."""
    return [*node_dir.glob("*.LOG"), *node_dir.glob("rabbit_durable_queue.*")]


class TestStart:
    def test_twice_is_once(self, rabbit):
        """Starting what runs changes nothing."""
        pid = rabbit.pid()

        rabbit.start()

        assert rabbit.pid() == pid

    def test_after_a_power_cut_keeps_durable_messages(self, rabbit, connect, own_layout, eventually):
        """A stale pid record is no obstacle, and what a quorum queue confirmed is still there."""
        channel = declare(connect, "kept")
        node_dir = own_layout.rabbit_dir / "data" / "alongside@localhost"
        eventually(
            lambda: any(b"probe_kept" in names.read_bytes() for names in (node_dir / "quorum").rglob("names.dets"))
        )
        # The broker writes down that there is such a queue a moment later than it answers.
        eventually(lambda: any(b"kept" in file.read_bytes() for file in queue_files(node_dir)))
        channel.basic_publish_confirm(amqp.Message("m", delivery_mode=2), routing_key="kept")
        rabbit.kill()
        assert not rabbit.is_running()

        rabbit.start()

        assert connect().channel().basic_get("kept", no_ack=True).body == "m"

    def test_after_a_power_cut_serves_a_queue_that_was_cut_off_at_birth(self, rabbit, connect):
        """RabbitMQ would leave it without a leader for ever; one that the cut took away whole can be declared again."""
        declare(connect, "newborn")
        rabbit.kill()

        rabbit.start()

        declare(connect, "newborn").basic_get("newborn", no_ack=True)

    @pytest.mark.parametrize("port", ["amqp_port", "rabbit_management_port", "rabbit_distribution_port", "epmd_port"])
    def test_on_a_taken_port_says_which(self, make_layout, port):
        """Each of the node's ports is named before anything starts."""
        layout = make_layout()
        node = RabbitNode(layout)
        with socket.socket() as stranger:
            stranger.bind(("127.0.0.1", getattr(layout, port)))
            stranger.listen()
            with pytest.raises(PortTakenError, match=f"RabbitMQ .* port {getattr(layout, port)} "):
                node.start()

        assert not node.is_running()

    def test_ignores_the_callers_rabbitmq_settings(self, rabbit, own_layout):
        """The node lives in its own folder, under its own name."""
        _, overview = call(rabbit, own_layout, "/api/overview")

        assert overview["node"] == "alongside@localhost"
        assert (own_layout.rabbit_dir / "data" / "alongside@localhost").is_dir()

    def test_listens_on_loopback_only(self, rabbit, own_layout):
        """No port of the stack is open to the network."""
        ports = {own_layout.port_base + number for number in range(10)}
        listening = set()
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            with Path(table).open() as lines:
                for line in list(lines)[1:]:
                    address, state = line.split()[1], line.split()[3]
                    host, _, port = address.partition(":")
                    if state == "0A" and int(port, 16) in ports:
                        listening.add(host)

        assert listening <= {"0100007F", "00000000000000000000000001000000"}
        assert listening


class TestStop:
    def test_leaves_nothing_behind_and_twice_is_once(self, rabbit, own_layout, eventually):
        """Node and port mapper end; stopping what does not run is no error."""
        rabbit.stop()

        assert not rabbit.is_running()
        for port in (own_layout.amqp_port, own_layout.epmd_port):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=1)
        rabbit.stop()


class TestUsers:
    def test_guest_is_refused(self, rabbit, own_layout):
        """The account every manual names does not exist, for AMQP or management."""
        _, users = call(rabbit, own_layout, "/api/users")
        status, _ = call(rabbit, own_layout, "/api/whoami", login=("guest", "guest"))
        stranger = amqp.Connection(f"127.0.0.1:{own_layout.amqp_port}", userid="guest", password="guest")

        assert [user["name"] for user in users] == [ADMIN_USER]
        assert status == 401
        with pytest.raises(amqp.exceptions.AccessRefused):
            stranger.connect()

    def test_no_vhost_exists_that_we_did_not_make(self, rabbit, own_layout):
        """The vhost "/" is not made."""
        _, vhosts = call(rabbit, own_layout, "/api/vhosts")

        assert {vhost["name"] for vhost in vhosts} <= {"probe"}

    def test_the_password_is_in_one_file(self, rabbit, own_layout):
        """Configuration, definitions and logs hold no password."""
        _, password = rabbit.admin_credentials()
        files = [path for path in own_layout.home.rglob("*") if path.is_file()]
        holding = {path.name for path in files if password.encode() in path.read_bytes()}

        assert holding == {"rabbit-admin.password"}


class TestFaults:
    def test_a_memory_alarm_goes_on_and_off(self, rabbit, own_layout):
        """Both directions are facts when the call returns."""
        rabbit.set_memory_alarm(on=True)
        on, _ = call(rabbit, own_layout, "/api/health/checks/alarms")
        rabbit.set_memory_alarm(on=False)
        off, _ = call(rabbit, own_layout, "/api/health/checks/alarms")

        assert (on, off) == (503, 200)

    def test_a_suspended_node_is_silent_until_it_goes_on(self, rabbit, connect):
        """Its ports still take connections; nothing answers."""
        connection = connect()
        rabbit.suspend()
        try:
            assert rabbit.is_running()
            with pytest.raises(TimeoutError):
                connection.drain_events(timeout=0.5)
        finally:
            rabbit.resume()
        connection.channel().close()

    def test_closing_all_connections_reaches_a_client(self, rabbit, connect):
        """A client hears that it was closed from the node's side."""
        connection = connect()

        rabbit.close_all_connections()

        with pytest.raises(amqp.exceptions.ConnectionForced):
            connection.drain_events(timeout=10)


class TestAmqpUrl:
    def test_quotes_every_part(self, rabbit, own_layout):
        """A vhost or password may hold what a URL reserves."""
        url = rabbit.amqp_url(user="a@b", password="p/:", vhost="/x")

        assert url == f"amqp://a%40b:p%2F%3A@127.0.0.1:{own_layout.amqp_port}/%2Fx"
