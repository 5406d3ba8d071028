"""What can go wrong with an engine; every message says what, where, why and how to mend."""

from pathlib import Path

from shared.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    RuleViolationError,
    TemporarilyUnavailableError,
)


class InvalidPortBaseError(InvalidInputError):
    """``ALONGSIDE_PORT_BASE`` is not a number, or leaves no room for the stack's ports."""

    code = "invalid-port-base"

    def __init__(self, *, lowest: int, highest: int) -> None:
        """Name the bounds, in ports."""
        super().__init__(f"ALONGSIDE_PORT_BASE must be a whole number from {lowest} to {highest}. Set another one.")


class HomeNotWritableError(RuleViolationError):
    """The stack's home cannot be made, or nothing can be written there."""

    code = "home-not-writable"

    def __init__(self, *, home: Path, reason: str) -> None:
        """Keep the folder and the system's own word."""
        super().__init__(
            f"The stack's home {home} cannot be used: {reason}. Set ALONGSIDE_HOME to a folder that you may write in"
        )


class PortTakenError(TemporarilyUnavailableError):
    """Another program listens where an engine of ours should."""

    code = "port-taken"

    def __init__(self, *, engine: str, purpose: str, port: int) -> None:
        """Keep the engine, the port and what it is for."""
        super().__init__(
            f"{engine} cannot start: port {port} ({purpose}) on 127.0.0.1 is used by another program. "
            f"Stop that program, or choose other ports, for example ALONGSIDE_PORT_BASE={port + 1000}"
        )
        self.engine = engine
        self.port = port


class EngineMissingError(NotFoundError):
    """An engine's program is not installed."""

    code = "engine-missing"

    def __init__(self, *, engine: str, mend: str) -> None:
        """Keep the engine and the line that installs it."""
        super().__init__(f"{engine} is not installed. {mend}")
        self.engine = engine
        self.mend = mend


class EngineStartError(TemporarilyUnavailableError):
    """An engine stopped while starting, or was not ready in time."""

    code = "engine-start"

    def __init__(self, *, engine: str, reason: str, log_file: Path) -> None:
        """Keep the engine, why, and where its log is."""
        super().__init__(f"{engine} did not start: {reason}. Its log: {log_file}")
        self.engine = engine
        self.log_file = log_file


class EngineCommandError(TemporarilyUnavailableError):
    """An engine's own control command failed."""

    code = "engine-command"

    def __init__(self, *, engine: str, command: str, output: str) -> None:
        """Keep the command and the last of what it said."""
        super().__init__(f"{engine}: '{command}' failed: {output}")
        self.engine = engine
        self.command = command


class HomeInUseError(RuleViolationError):
    """This home already runs an engine on other ports."""

    code = "home-in-use"

    def __init__(self, *, engine: str, home: Path, port_base: int) -> None:
        """Keep the port base the home runs on."""
        super().__init__(
            f"{engine} of {home} already runs with ALONGSIDE_PORT_BASE={port_base}. "
            "Use that port base, stop it first, or give this stack its own ALONGSIDE_HOME"
        )
        self.port_base = port_base


class SecretMismatchError(RuleViolationError):
    """The data was made with another administrator password than the secrets folder holds."""

    code = "secret-mismatch"

    def __init__(self, *, engine: str, secret_file: Path, data_dir: Path) -> None:
        """Name both places, never the secret."""
        super().__init__(
            f"{engine} refuses the administrator password in {secret_file}: the data in {data_dir} was made "
            "with another. Put the old secrets folder back, or start again from nothing with 'make reset'"
        )
