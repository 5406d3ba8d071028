"""A folder into which others put files: what is complete is opened safely, and moved when it was dealt with.

Promise: only a plain file of one name that stands in the folder itself is opened, never what a link, a device, a pipe
or a sub-folder leads to; nothing is moved out of the folder but into its own ``taken`` and ``refused``; what stands in
a reason file is one of our sentences. Shown by tests/unit/case/test_source_folder.py.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from services.case.imports.rules.reading import MAX_BYTES
from services.case.imports.rules.spreadsheets import MAX_SPREADSHEET_BYTES
from services.case.sources.rules.faults import SourceFaultError

TAKEN, REFUSED = "taken", "refused"
DONE = ".done"
MOST_ENTRIES = 1_000
_ON_THE_WAY = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp", DONE)
_TEXTS, _SPREADSHEETS = (".csv", ".tsv", ".txt"), (".xlsx", ".ods")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that nobody writes to must not hold us up before we have seen what it is.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ALL_RIGHTS = os.R_OK | os.W_OK | os.X_OK
_STRANGE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 100


class FileRefusedError(Exception):
    """A file is not taken; the text says why and what to do, and nothing of what stands in it."""


class StillChangingError(Exception):
    """A file has changed while it was read; it is looked at again."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How an entry of a folder looked."""

    size: int
    changed_ns: int
    inode: int


class DropFolder:
    """One source's folder, open; every name is taken relative to it."""

    def __init__(self, inbox: int, taken: int, refused: int) -> None:
        """Take the open folders."""
        self._inbox = inbox
        self._beside = {TAKEN: taken, REFUSED: refused}

    def entries(self) -> tuple[dict[str, Seen], bool]:
        """Give what stands in it and may be complete, and whether there is more than is looked at.

        Raises:
            SourceFaultError: It cannot be read.
        """
        found: dict[str, Seen] = {}
        count = 0
        with _within_reach(), os.scandir(self._inbox) as entries:
            for entry in entries:
                if entry.name in self._beside or entry.name.startswith("."):
                    continue
                count += 1
                if count > MOST_ENTRIES:
                    return found, True
                if entry.name.lower().endswith(_ON_THE_WAY):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    found[entry.name] = _seen(entry.stat(follow_symlinks=False))
        return found, False

    def has_mark(self, name: str) -> bool:
        """Whether somebody marked a file as complete."""
        try:
            mark = os.stat(name + DONE, dir_fd=self._inbox, follow_symlinks=False)
        except OSError:
            return False
        return stat.S_ISREG(mark.st_mode)

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file that may be taken; its end looks whether it is still the same.

        Raises:
            FileRefusedError: It may not.
            StillChangingError: It was changed or replaced meanwhile.
        """
        try:
            descriptor = os.open(name, _FILE, dir_fd=self._inbox)
        except FileNotFoundError:
            raise StillChangingError from None
        except OSError:
            # A link, a socket, or what this process may not read.
            raise FileRefusedError(_NOT_PLAIN) from None
        try:
            about = os.fstat(descriptor)
            _check(name, about)
        except FileRefusedError:
            os.close(descriptor)
            raise
        before = _seen(about)
        with os.fdopen(descriptor, "rb") as file:
            yield file
            if _seen(os.fstat(file.fileno())) != before or self._seen(name) != before:
                raise StillChangingError

    def move(self, name: str, into: str, *, at: datetime, tag: str, seen: Seen | None = None) -> str | None:
        """Move an entry aside; give its name there, or None where it is another one, or has changed, by now.

        Args:
            name: Of the entry.
            into: ``taken`` or ``refused``.
            at: When, for the new name.
            tag: What makes the new name unique, such as the beginning of an import's id.
            seen: How it looked when it was dealt with; what differs stays.

        Raises:
            SourceFaultError: It cannot be moved.
        """
        beside = self._beside[into]
        shown = f"{at:%Y%m%dT%H%M%SZ}-{tag}-{_STRANGE.sub('_', name)[-_LONGEST:]}"
        with _within_reach():
            try:
                os.rename(name, shown, src_dir_fd=self._inbox, dst_dir_fd=beside)
            except FileNotFoundError:
                return None
            if seen is not None and _seen(os.stat(shown, dir_fd=beside, follow_symlinks=False)) != seen:
                # Somebody wrote on, or put another file in its place, in this very moment: it has its own turn.
                os.rename(shown, name, src_dir_fd=beside, dst_dir_fd=self._inbox)
                return None
        with contextlib.suppress(OSError):
            os.unlink(name + DONE, dir_fd=self._inbox)
        return shown

    def explain(self, shown: str, sentence: str) -> None:
        """Write beside a refused file why it was refused.

        Raises:
            SourceFaultError: It cannot be written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with _within_reach(), contextlib.suppress(FileExistsError):
            descriptor = os.open(f"{shown}.reason.txt", flags, 0o640, dir_fd=self._beside[REFUSED])
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{sentence}\n")

    def seen(self, name: str) -> Seen | None:
        """Give how an entry looks now."""
        return self._seen(name)

    def _seen(self, name: str) -> Seen | None:
        try:
            return _seen(os.stat(name, dir_fd=self._inbox, follow_symlinks=False))
        except OSError:
            return None


@contextmanager
def _within_reach() -> Iterator[None]:
    """Give the fault of a folder that cannot be read or written, whatever the system says of it."""
    try:
        yield
    except OSError:
        raise SourceFaultError("FOLDER_MISSING") from None


@contextmanager
def open_folder(path: Path) -> Iterator[DropFolder]:
    """Open a source's folder with its two folders beside, which are made where they are missing.

    Raises:
        SourceFaultError: It is not there, is a link, or cannot be written.
    """
    with contextlib.ExitStack() as stack:
        with _within_reach():
            inbox = os.open(path, _DIRECTORY)
            stack.callback(os.close, inbox)
            beside = []
            for name in (TAKEN, REFUSED):
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o750, dir_fd=inbox)
                beside.append(os.open(name, _DIRECTORY, dir_fd=inbox))
                stack.callback(os.close, beside[-1])
            if not all(os.access(name, _ALL_RIGHTS, dir_fd=inbox) for name in (".", TAKEN, REFUSED)):
                raise SourceFaultError("FOLDER_MISSING")
        yield DropFolder(inbox, *beside)


def _check(name: str, about: os.stat_result) -> None:
    """Look whether a file may be taken.

    Raises:
        FileRefusedError: It may not.
    """
    if not stat.S_ISREG(about.st_mode):
        raise FileRefusedError(_NOT_PLAIN)
    if about.st_nlink != 1:
        raise FileRefusedError("This file has a second name elsewhere (a hard link). Put a copy of it here instead.")
    kind = Path(name).suffix.lower()
    if kind not in (*_TEXTS, *_SPREADSHEETS):
        raise FileRefusedError("This is no kind of file that is read here. Send .csv, .tsv, .txt, .xlsx or .ods.")
    if not about.st_size:
        raise FileRefusedError("This file is empty. Export it again, and send it again.")
    most = MAX_SPREADSHEET_BYTES if kind in _SPREADSHEETS else MAX_BYTES
    if about.st_size > most:
        raise FileRefusedError(
            f"This file is larger than {most // 1024 // 1024} MB. Export a shorter period, or split it. A spreadsheet "
            "may be saved as CSV UTF-8, which may be larger."
        )


def _seen(about: os.stat_result) -> Seen:
    return Seen(size=about.st_size, changed_ns=about.st_mtime_ns, inode=about.st_ino)


_NOT_PLAIN = (
    "This is no plain file that can be read here, but a folder, a link, a device, or a file that we may not read. Put "
    "the file itself into the folder."
)
