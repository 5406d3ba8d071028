"""Ends a process at a chosen commit, without a process: what was decided is stored or is not."""

from dataclasses import replace

from shared.kernel.errors import AlongsideError


class KilledError(BaseException):
    """Stands for the end of a process; nothing in the product catches it."""


class Killer:
    """Ends the process before or after its n-th commit; counts commits."""

    def __init__(self, at=None, when="before"):
        self.at, self.when, self.commits = at, when, 0

    def before(self):
        self.commits += 1
        if self.when == "before" and self.commits == self.at:
            raise KilledError

    def after(self):
        if self.when == "after" and self.commits == self.at:
            self.at = None
            raise KilledError


class MortalCommitter:
    """A committer whose process may end at any commit."""

    def __init__(self, inner, path):
        self._inner, self._path = inner, path

    def execute(self, command):
        def run(work):
            answer = command.run(work)
            # Everything is decided, nothing is stored yet.
            doomed.append(self._dies())
            if doomed[-1]:
                raise _AbortedError
            return answer

        doomed = []
        try:
            answer = self._inner.execute(replace(command, run=run))
        except _AbortedError:
            raise KilledError from None
        self._path.killer.after()
        return answer

    def _dies(self):
        try:
            self._path.killer.before()
        except KilledError:
            return True
        return False

    def close(self):
        self._inner.close()


class _AbortedError(AlongsideError):
    code = "aborted"
