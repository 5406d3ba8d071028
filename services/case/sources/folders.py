"""Looks into the folders of sources, and takes what is complete there, one file after another.

Promise: a file that is read twice makes one plan; a bad file is moved aside with its reason, and its neighbours have
their turn; a file that is cut off stands where it stood; one that cannot be moved aside makes the source red, and is
read again only after a while. Shown by tests/integration/case/test_source_folders.py.
"""

from pathlib import Path

from pymongo.errors import PyMongoError

from services.case.imports.rules.reading import MAX_BYTES
from services.case.sources.adapters.folder import (
    REFUSED,
    TAKEN,
    DropFolder,
    FileRefusedError,
    Seen,
    StillChangingError,
    open_folder,
)
from services.case.sources.adapters.looks import Looks
from services.case.sources.pulling import Pulling, Taken
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.source import ACTIVE, PULL, TEST, Source
from services.case.sources.turns import SourceTakenError
from shared.kernel.errors import TemporarilyUnavailableError
from shared.keys.spool import SealedSpool, SpoolFullError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger

MOST_AT_ONCE = 20
"""Files of one folder that are taken in one look; its neighbours have their turn before the next ones."""

log = get_logger(__name__)


def folder_of(context: ServiceContext, source: Source) -> Path:
    """Give where a source's files are put: below the folder that the operator gave, else below the service's own."""
    given = context.settings.extra.get("drop_folder")
    root = Path(given) if given else context.settings.data_dir / "drop"
    return root / source.name


class FolderReading:
    """Takes files from folders."""

    def __init__(self, context: ServiceContext, pulling: Pulling, *, looks_apart_s: float) -> None:
        """Take the case service's context."""
        self._context = context
        self._pulling = pulling
        self._apart_s = looks_apart_s
        self._looks: dict[str, Looks] = {}

    def look(self, source: Source) -> None:
        """Look once into a source's folder and take what is complete.

        Raises:
            SourceTakenError: Another process takes a file of it.
            TemporarilyUnavailableError, PyMongoError: The database does not answer.
        """
        if source.asked == TEST:
            self._test(source)
        elif source.state == ACTIVE:
            self._take_all(source)

    def _take_all(self, source: Source) -> None:
        looks = self._looks.setdefault(source.id, Looks(self._apart_s))
        try:
            with open_folder(folder_of(self._context, source)) as folder:
                names, more = looks.complete(folder)
                if names or source.asked == PULL:
                    # Without it nothing can be read, and nothing is.
                    self._pulling.profile(source)
                for name in names[:MOST_AT_ONCE]:
                    try:
                        self._take(source, folder, name)
                    except SourceFaultError:
                        looks.leave(name)
            if looks.leaves:
                raise SourceFaultError("FOLDER_MISSING")
            if more:
                raise SourceFaultError("FOLDER_FULL")
        except SourceFaultError as fault:
            self._note(source, fault)
        else:
            if not names and (source.asked == PULL or source.last_fault in _OF_THE_FOLDER):
                self._note(source, None)

    def _take(self, source: Source, folder: DropFolder, name: str) -> None:
        """Take one file and move it aside.

        Raises:
            SourceFaultError: It was dealt with, and could not be moved aside.
        """
        begun = self._pulling.begin(source.id, lambda one: one.state == ACTIVE)
        if begun is None:
            return
        seen, tag = folder.seen(name), (begun.reading or "")[-8:]
        try:
            taken = self._read(begun, folder, name)
        except (FileRefusedError, SpoolFullError) as error:
            self._pulling.fail(begun, SourceFaultError("FILE_NOT_TAKEN"))
            self._refuse(begun, folder, name, tag, str(error), seen=seen)
        except StillChangingError:
            self._pulling.release(begun)
        except SourceFaultError as fault:
            self._pulling.fail(begun, fault)
        except (SourceTakenError, DocumentMissingError, TemporarilyUnavailableError, PyMongoError):
            raise
        except Exception as error:  # noqa: BLE001  Whatever it is, the source says so, and the next file has its turn.
            log.error("a file could not be taken", target=source.id, error_class=type(error).__name__)  # noqa: TRY400
            self._pulling.fail(begun, SourceFaultError("FILE_NOT_TAKEN"))
            self._refuse(begun, folder, name, tag, _UNFORESEEN, seen=seen)
        else:
            if taken.refused is not None:
                self._refuse(begun, folder, name, tag, taken.refused, seen=seen)
            elif not taken.dropped:
                folder.move(name, TAKEN, at=self._context.clock.now(), tag=tag, seen=seen)

    def _read(self, begun: Source, folder: DropFolder, name: str) -> Taken:
        spool = SealedSpool(MAX_BYTES)
        try:
            with self._pulling.holding(begun):
                with folder.opened(name) as file:
                    while block := file.read(_BLOCK):
                        spool.write(block)
                spool.seal()
                return self._pulling.take(begun, spool)
        finally:
            spool.close()

    def _refuse(
        self, source: Source, folder: DropFolder, name: str, tag: str, sentence: str, *, seen: Seen | None
    ) -> None:
        # What has taken its place meanwhile is another file: it is not that which the sentence is about.
        shown = folder.move(name, REFUSED, at=self._context.clock.now(), tag=tag, seen=seen)
        if shown is not None:
            try:
                folder.explain(shown, sentence)
            except SourceFaultError:
                # The source says all the same that a file was not taken.
                log.warning("a reason could not be written", target=source.id)
        log.warning("a file was not taken", target=source.id)

    def _test(self, source: Source) -> None:
        begun = self._pulling.begin(source.id, lambda one: one.asked == TEST)
        if begun is None:
            return
        fault = None
        try:
            self._pulling.profile(begun)
            with open_folder(folder_of(self._context, source)):
                pass
        except SourceFaultError as error:
            fault = error
        self._pulling.tested(begun, fault)

    def _note(self, source: Source, fault: SourceFaultError | None) -> None:
        """Note how the folder itself is, where that is news."""
        if fault is not None and fault.code == source.last_fault and source.asked is None:
            return
        begun = self._pulling.begin(source.id, lambda one: one.state == ACTIVE)
        if begun is None:
            return
        if fault is not None:
            self._pulling.fail(begun, fault)
        else:
            self._pulling.found_nothing(begun)


_BLOCK = 1024 * 1024
_OF_THE_FOLDER = frozenset({"FOLDER_MISSING", "FOLDER_FULL"})
_UNFORESEEN = (
    "Something went wrong here that nobody foresaw. Tell your operator, whose log names the fault. When it is mended, "
    "put the file into the folder again."
)
