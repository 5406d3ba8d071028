"""Takes an upload's file from the request: what kind it may be, how large, and how many are read at once.

Promise: a file is streamed to a sealed file on disk and read from there; a kind that nobody here reads, or a file that
is too large for its kind, is refused before it is read. No more than two large files or spreadsheets are read at once
in a process, each for eight minutes at most. Shown by ``tests/integration/case/test_import_uploads.py``.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus
from typing import IO, BinaryIO, TypeVar

from flask import abort, request

from services.case.imports.errors import EmptyUploadError, ReadersBusyError
from services.case.imports.rules.reading import MAX_BYTES
from services.case.imports.rules.spreadsheets import MAX_SPREADSHEET_BYTES
from shared.keys.spool import SealedSpool, spool_of
from shared.web.deadlines import wait_outside
from shared.web.large_bodies import taken_file
from shared.web.problems import problem
from shared.web.repeats import usable_key

CSV = "text/csv"
SPREADSHEETS = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)
# How browsers and scripts name a CSV, or do not; what a file is, its own first bytes say in any case.
_ALSO = ("", "text/plain", "text/tab-separated-values", "application/vnd.ms-excel", "application/octet-stream")
_AT_ONCE = 2
_SMALL_BYTES = 10 * 1024 * 1024
_PACKED = b"PK"

_large = threading.BoundedSemaphore(_AT_ONCE)

T = TypeVar("T")


class _Slot:
    """One of the places of large files; there is no queue, since whoever waits holds a thread and a file."""

    def __enter__(self) -> None:
        if not _large.acquire(blocking=False):
            raise ReadersBusyError

    def __exit__(self, *_: object) -> None:
        _large.release()


def check_kind() -> None:
    """Refuse a kind of content that no reader here knows, and a spreadsheet that is too large.

    Raises:
        HTTPException: 415 or 413, with what to send instead.
        IdempotencyKeyMissingError: There is no key, so that the file would be read in vain.
    """
    usable_key()
    kind = request.mimetype
    if kind not in (CSV, *SPREADSHEETS, *_ALSO):
        abort(
            problem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                detail="Send CSV as text/csv, or an XLSX or ODS spreadsheet under its own Content-Type.",
            )
        )
    if kind in SPREADSHEETS and (request.content_length or 0) > MAX_SPREADSHEET_BYTES:
        abort(
            problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                detail="A spreadsheet may have 25 MB here. Save it as CSV UTF-8, which may have 500 MB.",
            )
        )


def with_the_file(read: Callable[[BinaryIO], T]) -> T:
    """Take the file and read it, outside the request's own deadline, and let go of it.

    Raises:
        EmptyUploadError: There is none.
        ReadersBusyError: Too many large ones are being read.
    """
    is_large = (request.content_length or 0) > _SMALL_BYTES
    with _Slot() if is_large else nullcontext():
        return _read(taken_file(MAX_BYTES), read, has_slot=is_large)


def with_a_file_of_a_form(stream: IO[bytes], read: Callable[[BinaryIO], T]) -> T:
    """Read a file that came in a form and is kept nowhere, outside the request's own deadline.

    Raises:
        EmptyUploadError: There is nothing in it.
        ReadersBusyError: Too many large ones are being read.
        SpoolFullError: It is larger than a file may be.
    """
    spool = spool_of_a_form(stream)
    is_large = spool.size > _SMALL_BYTES
    with _Slot() if is_large else nullcontext():
        return _read(spool, read, has_slot=is_large)


def spool_of_a_form(stream: IO[bytes]) -> SealedSpool:
    """Give a form's file as it lies on disk, sealed; a small one is put there.

    Raises:
        SpoolFullError: It is larger than a file may be.
    """
    return spool_of(stream) or SealedSpool.of(stream, MAX_BYTES)


def _read(spool: SealedSpool, read: Callable[[BinaryIO], T], *, has_slot: bool) -> T:
    if not spool.size:
        raise EmptyUploadError
    # Whatever it was called: opening a spreadsheet takes a process of its own.
    is_packed = not has_slot and spool.reader().read(len(_PACKED)) == _PACKED
    with _Slot() if is_packed else nullcontext():
        return wait_outside(lambda: read(spool.reader()))
