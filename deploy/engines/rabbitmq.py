"""A private RabbitMQ node from the system's own package, beside whatever RabbitMQ the machine runs.

Promise: ``start`` leaves a node that takes AMQP and management calls on 127.0.0.1, with one administrator
and no guest, as root or as an ordinary user.
Shown by tests/engines/test_rabbitmq.py.
Limit: one node; its data belongs to this home only.
"""

import base64
import http.client
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from deploy.engines.errors import EngineCommandError, EngineMissingError, EngineStartError
from deploy.engines.layout import Layout
from deploy.engines.processes import OwnedProcess, refuse_taken_port
from deploy.engines.rabbit_config import (
    ADMIN_USER,
    ENABLED_PLUGINS,
    MEMORY_WATERMARK,
    definitions,
    node_environment,
    server_config,
)
from deploy.engines.secret_files import read_or_make_key, read_or_make_password, write_private
from deploy.engines.waiting import wait_until

_ENGINE = "RabbitMQ"
_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
_MEND = "Run as an administrator: apt-get install rabbitmq-server"
_READY_WITHIN_S = 90.0
_STOP_WITHIN_S = 40.0
_EPMD_WITHIN_S = 10.0
_ALARM_WITHIN_S = 20.0
_COMMAND_WITHIN_S = 60.0
_ONE_TRY_S = 5.0
_COOKIE_CHARACTERS = 64
# Less than any running node uses, so that the alarm goes off at once.
_NO_MEMORY = 0.000001
_ELECT = "[ra:trigger_election({Name, node()}) || {Name, follower} <- ets:tab2list(ra_state)]."


class RabbitNode:
    """The stack's RabbitMQ."""

    def __init__(self, layout: Layout) -> None:
        """Bind to a stack; touches nothing yet."""
        self._layout = layout
        self._server = OwnedProcess(layout, "rabbitmq")
        self._port_mapper = OwnedProcess(layout, "epmd")
        self._secret_file = layout.secrets_dir / "rabbit-admin.password"
        self._log_file = layout.logs_dir / "rabbitmq.log"

    @property
    def management_url(self) -> str:
        """Root of the HTTP management API, without a trailing slash."""
        return f"http://127.0.0.1:{self._layout.rabbit_management_port}"

    def admin_credentials(self) -> tuple[str, str]:
        """User and password of the administrator, for the provisioner only."""
        self._layout.make_dirs()
        return ADMIN_USER, read_or_make_password(self._secret_file)

    def amqp_url(self, *, user: str, password: str, vhost: str) -> str:
        """AMQP URL of any user of this node; parts are given unquoted."""
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"amqp://{credentials}@127.0.0.1:{self._layout.amqp_port}/{quote(vhost, safe='')}"

    def start(self) -> None:
        """Start if needed and wait until AMQP and management answer.

        Raises:
            EngineMissingError: the system's package is not installed.
            PortTakenError: another program listens on one of the node's ports.
            HomeInUseError: this home's node runs on another port base.
            EngineStartError: the node ended or was not ready within 90 s.
        """
        script = find_script("rabbitmq-server")
        self._layout.make_dirs()
        with self._server.exclusive():
            self._server.refuse_other_ports()
            was_cut_off = self._server.was_cut_off()
            if self._server.pid() is None:
                self._refuse_taken_ports()
                self._write_files()
                self._start_port_mapper()
                self._server.spawn([str(script)], environment=node_environment(self._layout, log_file=self._log_file))
            self._wait_ready()
            if was_cut_off:
                self._elect_missing_leaders()

    def stop(self) -> None:
        """Stop the node we started, cleanly, and its port mapper; nothing if they do not run."""
        self._layout.make_dirs()
        with self._server.exclusive():
            self._server.stop(within_s=_STOP_WITHIN_S)
            self._port_mapper.stop(within_s=_EPMD_WITHIN_S)

    def kill(self) -> None:
        """End the node by force, as a power cut would; for fault tests."""
        self._server.kill()

    def is_running(self) -> bool:
        """Whether the process we started lives; says nothing of its health."""
        return self._server.pid() is not None

    def pid(self) -> int | None:
        """Process id of the Erlang machine while it lives."""
        return self._server.pid()

    def suspend(self) -> None:
        """Freeze the node: connections stay open and nothing answers; for fault tests."""
        self._server.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen node go on."""
        self._server.send(signal.SIGCONT)

    def set_memory_alarm(self, *, on: bool) -> None:
        """Raise or clear the memory alarm, which stops the node reading from publishers; waits until it shows.

        Raises:
            EngineCommandError: the node refused, or the alarm does not show within 20 s.
        """
        command = ("set_vm_memory_high_watermark", f"{_NO_MEMORY if on else MEMORY_WATERMARK:f}")
        self._control(*command)
        wanted = http.HTTPStatus.SERVICE_UNAVAILABLE if on else http.HTTPStatus.OK
        if not wait_until(
            lambda: self._management_status("/api/health/checks/local-alarms") == wanted,
            within_s=_ALARM_WITHIN_S,
        ):
            raise EngineCommandError(engine=_ENGINE, command=command[0], output="the alarm did not follow")

    def close_all_connections(self) -> None:
        """Close every client's connection from the node's side; for fault tests.

        Raises:
            EngineCommandError: the node refused.
        """
        self._control("close_all_connections", "--global", "closed by a fault test")

    def _refuse_taken_ports(self) -> None:
        ports = {
            self._layout.amqp_port: "AMQP",
            self._layout.rabbit_management_port: "management",
            self._layout.rabbit_distribution_port: "Erlang distribution",
        }
        if self._port_mapper.pid() is None:
            ports[self._layout.epmd_port] = "Erlang port mapper"
        for port, purpose in ports.items():
            refuse_taken_port(port, engine=_ENGINE, purpose=purpose)

    def _write_files(self) -> None:
        folder = self._layout.rabbit_dir
        definitions_file = folder / "definitions.json"
        _, password = self.admin_credentials()
        write_private(definitions_file, definitions(admin_password=password))
        write_private(folder / "rabbitmq.conf", server_config(self._layout, definitions_file=definitions_file))
        write_private(folder / "enabled_plugins", ENABLED_PLUGINS)
        # Erlang refuses a cookie that others could read.
        cookie = folder / ".erlang.cookie"
        read_or_make_key(cookie, characters=_COOKIE_CHARACTERS)
        cookie.chmod(0o400)

    def _start_port_mapper(self) -> None:
        """Start epmd ourselves: started by Erlang it would outlive the node and belong to nobody."""
        if self._port_mapper.pid() is not None:
            return
        program = shutil.which("epmd")
        if program is None:
            raise EngineMissingError(engine="Erlang's epmd", mend=_MEND)
        port = str(self._layout.epmd_port)
        self._port_mapper.spawn(
            [program, "-port", port, "-address", "127.0.0.1"],
            environment=node_environment(self._layout, log_file=self._log_file),
        )

    def _wait_ready(self) -> None:
        ready = wait_until(lambda: not self.is_running() or self._is_ready(), within_s=_READY_WITHIN_S)
        if not self.is_running():
            reason = f"it ended ({self._server.last_words()})"
        elif ready:
            return
        else:
            reason = f"it was not ready within {_READY_WITHIN_S:.0f} s"
        raise EngineStartError(engine=_ENGINE, reason=reason, log_file=self._log_file)

    def _elect_missing_leaders(self) -> None:
        """Give a leader to queues that were cut off at birth, which would else refuse everything for ever.

        A quorum queue's name reaches the disk up to 500 ms after its declaration was answered; a node that is
        killed before that starts the queue anew, empty, and on a single node nobody calls the election
        (rabbitmq-server issue 10070). What was lost so is for the outbox to find.
        """
        self._control("eval", _ELECT)

    def _is_ready(self) -> bool:
        check = f"/api/health/checks/port-listener/{self._layout.amqp_port}"
        return self._management_status(check) == http.HTTPStatus.OK

    def _management_status(self, path: str) -> int | None:
        """HTTP status of a management GET as administrator; None while nothing answers."""
        token = base64.b64encode(":".join(self.admin_credentials()).encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self._layout.rabbit_management_port, timeout=_ONE_TRY_S)
        try:
            connection.request("GET", path, headers={"Authorization": f"Basic {token}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _control(self, *arguments: str) -> None:
        """Run ``rabbitmqctl`` against this node."""
        # The program and its arguments come from this module, never from a user.
        done = subprocess.run(  # noqa: S603
            [str(find_script("rabbitmqctl")), "--quiet", *arguments],
            env=node_environment(self._layout, log_file=self._log_file),
            cwd=self._layout.rabbit_dir,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_WITHIN_S,
            check=False,
        )
        if done.returncode != 0:
            said = " ".join((done.stdout + done.stderr).split())
            raise EngineCommandError(engine=_ENGINE, command=arguments[0], output=said)


def find_script(name: str) -> Path:
    """One of the package's own scripts.

    The commands on the PATH are wrappers that switch to the user rabbitmq, or refuse; these are what they wrap.

    Raises:
        EngineMissingError: the package is not installed.
    """
    script = _SCRIPTS / name
    if not script.exists():
        raise EngineMissingError(engine=_ENGINE, mend=_MEND)
    return script
