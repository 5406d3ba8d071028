"""Whether what answers at a port is this stack's own: looked at before a word, or a password, is sent there.

The record of a process says which pid we started, for which ports; the kernel says who listens there. Both must
agree, so a stack that was started with another home on the same ports is never spoken to, whatever it answers.
Limit: one machine, Linux (reads /proc); between hosts, TLS and keys do this.
"""

from collections.abc import Iterator
from pathlib import Path

from deploy.engines.processes import OwnedProcess
from deploy.stack.errors import NoSuchTenantError
from deploy.stack.stack import Stack
from shared.kernel.errors import RuleViolationError, TemporarilyUnavailableError
from shared.kernel.tenancy import RESERVED

_LISTENS = "0A"


class NotRunningError(TemporarilyUnavailableError):
    """Something of this stack that is needed does not run."""

    code = "not-running"

    def __init__(self, what: str = "This stack") -> None:
        """Say what, and how to start it."""
        super().__init__(f"{what} does not run. Start it with: alongside up")


class OtherStackError(RuleViolationError):
    """Another stack, or another program, answers where this one should."""

    code = "other-stack"

    def __init__(self, what: str, port: int, home: Path) -> None:
        """Name the place; nothing was sent there."""
        super().__init__(
            f"{what} of the stack in {home} does not answer at port {port}: another stack or program does, and was "
            "not spoken to. Set ALONGSIDE_HOME and ALONGSIDE_PORT_BASE as that stack was started, or see what runs "
            "with: alongside doctor"
        )


def require_tenant(stack: Stack, tenant: str, *, host: bool = False) -> None:
    """Refuse a tenant that this stack does not have; with ``host``, also the centre's.

    Raises:
        NoSuchTenantError: There is none; nothing was made or asked.
    """
    if stack.state.find(tenant) is None and (host or tenant not in RESERVED):
        raise NoSuchTenantError


def require_engines(stack: Stack) -> None:
    """Refuse to go on unless both engines run, are this stack's, and listen where it looks for them.

    Raises:
        NotRunningError: One does not run.
        HomeInUseError: It runs on other ports than are asked for.
        OtherStackError: Somebody else listens there.
    """
    layout = stack.layout
    for name, words, port in (
        ("mongod", "The database", layout.mongod_port),
        ("rabbitmq", "The message broker", layout.amqp_port),
    ):
        _require(stack, OwnedProcess(layout, name), words, port)


def require_api(stack: Stack, tenant: str) -> None:
    """Refuse to go on unless a tenant's API runs and is this stack's.

    Raises:
        NoSuchTenantError, NotRunningError, HomeInUseError, OtherStackError: As above.
    """
    require_tenant(stack, tenant)
    _require(stack, stack.process(tenant, "api"), f"The API of {tenant}", stack.port(tenant))


def _require(stack: Stack, process: OwnedProcess, words: str, port: int) -> None:
    process.refuse_other_ports()
    pid = process.pid()
    if pid is not None and listens(pid, port):
        return
    if is_taken(port):
        raise OtherStackError(words, port, stack.layout.home)
    if pid is None and not stack.layout.pids_dir.exists():
        raise NotRunningError
    raise NotRunningError(words)


def listens(pid: int, port: int) -> bool:
    """Whether a process holds the socket that listens at a port of this machine."""
    wanted = {f"socket:[{inode}]" for inode in _listening(port)}
    try:
        return any(_target(fd) in wanted for fd in Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, PermissionError):
        return False


def is_taken(port: int) -> bool:
    """Whether anybody listens at a port of this machine."""
    return any(True for _ in _listening(port))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _listening(port: int) -> Iterator[str]:
    """Give the inodes of sockets that listen at a port."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
