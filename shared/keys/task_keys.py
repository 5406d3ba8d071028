"""The keys that one server makes for one task: files outside MongoDB, destroyed when the task ends.

A repeat loads what an earlier run made; after ``destroy`` nothing of the task opens again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.keys.sealing import ServerKey, TaskKey, TaskKeyFileError


@dataclass(frozen=True, kw_only=True)
class TaskKeys:
    """The folder of one task's keys.

    Attributes:
        folder: ``<data>/tasks``.
    """

    folder: Path
    task_id: str

    def server_key(self) -> ServerKey:
        """Give the HPKE key to which hosts seal; made at the first time."""
        path = self._path("server")
        if not path.exists():
            ServerKey.generate().save(path)
        return ServerKey.load(path)

    def coin_key(self) -> TaskKey:
        """Give the key of the rounding's coin; made at the first time, and never a second time."""
        path = self._path("coin")
        if not path.exists():
            TaskKey.generate().save(path)
        return TaskKey.load(path)

    def existing_coin_key(self, commitment: str) -> TaskKey:
        """Give the coin key that the signed task fixed.

        Raises:
            TaskKeyFileError: It is lost, or another one stands in its place: there is no second draw.
        """
        path = self._path("coin")
        key = TaskKey.load(path)
        if key.commitment != commitment:
            raise TaskKeyFileError(path, "is not the coin key that the task's signed terms name", "Restore that one.")
        return key

    def existing_server_key(self) -> ServerKey:
        """Give the server key of a task that still runs; ``TaskKeyFileError`` once it has ended."""
        return ServerKey.load(self._path("server"))

    def destroy(self) -> None:
        """End every key of the task; may be repeated."""
        for path in self.folder.glob(f"{self.task_id}.*"):
            TaskKey.destroy(path)

    def held(self) -> dict[str, float]:
        """Give every task of which a key lies in the folder, and when its newest file was made."""
        found: dict[str, float] = {}
        for path in self.folder.glob("*.*"):
            task_id = path.name.split(".", 1)[0]
            found[task_id] = max(found.get(task_id, 0.0), path.stat().st_mtime)
        return found

    def _path(self, name: str) -> Path:
        return self.folder / f"{self.task_id}.{name}"


KeysOf = Callable[[str], TaskKeys]
"""Gives a server's keys of a task."""
