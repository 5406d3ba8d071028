"""Secrets as small files, made once and readable by their owner only.

Limit: protects from other users of the machine, not from its administrator or a copied disk.
"""

import contextlib
import os
import secrets
from pathlib import Path

_PASSWORD_BYTES = 24


def read_or_make_password(path: Path) -> str:
    """Return the password in ``path``; a random one of 192 bits is made when there is none."""
    return _read_or_make(path, secrets.token_urlsafe(_PASSWORD_BYTES))


def read_or_make_key(path: Path, *, characters: int) -> str:
    """Return the key in ``path``; a random one, of ``characters`` hexadecimal digits, is made when there is none."""
    return _read_or_make(path, secrets.token_hex(characters // 2))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, where nothing is yet, not even a link.

    Raises:
        FileExistsError: Something is there; it was left as it is.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _read_or_make(path: Path, fresh: str) -> str:
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.fresh")
        write_private(draft, fresh)
        # A link, not a rename: of two makers at once the first one's secret stands.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
