"""Makes the next of some things while the one before is carried out: reading a row and storing it each take their time.

Promise: one is made ahead and no more, so memory stays flat; what goes wrong in the making is raised where that thing
would have come, after all before it. Shown by ``tests/unit/case/test_import_ahead.py``.
"""

import contextvars
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(things: Iterable[T]) -> Generator[T, None, None]:
    """Give the same things in the same order, each made on a thread while the one before is used.

    Whoever stops early closes this (``contextlib.closing``), which waits for the one that is in the making.
    """
    coming = ((one,) for one in things)
    context = contextvars.copy_context()

    def make() -> tuple[T] | None:
        return context.run(lambda: next(coming, None))

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-ahead") as thread:
        made = thread.submit(make)
        while (one := made.result()) is not None:
            made = thread.submit(make)
            yield one[0]
