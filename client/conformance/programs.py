"""An integrator's own program, as a check runs it: started, killed and started again.

Shown by tests/unit/client/test_feed_conformance.py and tests/integration/integrations/test_queue_conformance.py.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping

from shared.kernel.errors import InvalidInputError

_END_S = 10.0


class NoSuchProgramError(InvalidInputError):
    """The command names no program."""

    code = "no-such-program"

    def __init__(self) -> None:
        """Say what one looks like."""
        super().__init__('There is no such program. Say it as: --command "python my_consumer.py"')


class Program:
    """The integrator's program, with what it connects by in its environment."""

    def __init__(self, command: str, environment: Mapping[str, str]) -> None:
        """Take the command, and what its environment has beside ours; nothing runs yet.

        Raises:
            NoSuchProgramError: It has no words.
        """
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise NoSuchProgramError from error
        if not self._words:
            raise NoSuchProgramError
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, if it does not run.

        Raises:
            NoSuchProgramError: There is none.
        """
        if self.runs():
            return
        try:
            # Without a shell, so that what is ended later is the program itself.
            self._process = subprocess.Popen(self._words, env=self._environment, stdout=subprocess.DEVNULL)  # noqa: S603
        except OSError as error:
            raise NoSuchProgramError from error

    def runs(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_END_S)
