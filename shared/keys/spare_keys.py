"""Keys that are made before anybody needs them, each used once and then destroyed: files outside the database.

Who may only read the folder takes a key that lies ready; who may write it makes new ones and destroys what has ended.
A key's name is drawn anew each time, so no name ever stands for two keys.

Promise: a destroyed key is given to nobody, and a folder that cannot be written is an answer, not a fault
(``tests/unit/shared/keys/test_spare_keys.py``). Limit: as for every file of a key, an overwritten file is no proof that
an SSD or a snapshot has forgotten it.
"""

import contextlib
import secrets
from pathlib import Path

from shared.kernel.clock import real_now
from shared.keys.sealing import KEY_BYTES, destroy_secret, load_secret, save_secret

_SUFFIX = ".spare"
_NAME_BYTES = 16


class SpareKeys:
    """The folder of such keys."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which need not exist yet."""
        self._folder = folder

    def names(self) -> frozenset[str]:
        """Name every key that lies here, used or not."""
        return frozenset(path.name.removesuffix(_SUFFIX) for path in self._folder.glob(f"*{_SUFFIX}"))

    def older(self, than_s: float) -> frozenset[str]:
        """Name those that were made longer ago, by the file's own time."""
        before = real_now().timestamp() - than_s
        found = set()
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    found.add(path.name.removesuffix(_SUFFIX))
        return frozenset(found)

    def make(self) -> str | None:
        """Make one and give its name; None where this process may not write."""
        name = secrets.token_hex(_NAME_BYTES)
        try:
            save_secret(self._path(name), secrets.token_bytes(KEY_BYTES))
        except OSError:
            return None
        return name

    def load(self, name: str) -> bytes | None:
        """Give a key, or None when it is destroyed.

        Raises:
            TaskKeyFileError: Others may read the file, or it is damaged.
        """
        path = self._path(name)
        return load_secret(path) if path.exists() else None

    def destroy(self, name: str) -> bool:
        """End a key; may be repeated. False where this process may not write and the key is still there."""
        path = self._path(name)
        try:
            destroy_secret(path)
        except OSError:
            return not path.exists()
        return True

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
