"""Reads everything that a host keeps, as of one instant, line by line, opened with its own keys.

Promise: of whoever was erased there is no line, and in no other line their id among others; a document that does not
open is named by its id and counted, and nothing is put in its place. Memory holds one batch, and the ids of people
and episodes. Shown by tests/integration/leaving/test_leaving_package.py.
Limit: reading has to end within the history that the database keeps, 300 s unless it is told otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from bson import Timestamp
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.keeping.errors import SnapshotTooOldError
from deploy.leaving.chosen import Chosen, shown_as
from deploy.leaving.errors import ErasedMeanwhileError
from deploy.leaving.opened import HostWords
from services.audit.log.documents import ERASED_PERSON
from services.case.survivors.sealing import Sealer
from shared.kernel.tenancy import TenantId, database_name
from shared.keys.fields import CiphertextMovedError
from shared.keys.survivor_keys import SurvivorKeys
from shared.keys.tenant_key import TenantKeyFile

Row = dict[str, Any]
UNREADABLE = "unreadable"

_AT_ONCE = 500
_SNAPSHOT_TOO_OLD = 239
_PEOPLE, _EPISODES, _AUDITED = "case.survivors", "case.episodes", "audit.entries"
_AWARE: CodecOptions[Any] = CodecOptions(tz_aware=True)


@dataclass(kw_only=True)
class Counted:
    """What became of a collection's documents: each is a line, or somebody's who was erased.

    Attributes:
        unreadable: Ids of documents whose line says only that it could not be opened.
    """

    kept: int = 0
    lines: int = 0
    erased: int = 0
    unreadable: list[str] = field(default_factory=list)


class HostReading:
    """One host at one instant."""

    def __init__(self, client: MongoClient[Row], tenant: TenantId, key: TenantKeyFile) -> None:
        """Take the administrator's client and the host's key; the instant is now."""
        self._client = client
        self._tenant = tenant
        self.moment: Timestamp = client.admin.command("ping")["operationTime"]
        self._keys_database = client[database_name(tenant, "keys")]
        self._keys = SurvivorKeys(self._keys_database, key)
        self._words = HostWords(key, tenant)
        self._erased = self._erased_now()
        self._episodes_of_erased: frozenset[str] = frozenset()

    @property
    def erased(self) -> int:
        """How many people were erased here."""
        return len(self._erased)

    def check_nobody_was_erased_meanwhile(self) -> None:
        """Check that who was erased is who was erased when it began.

        Raises:
            ErasedMeanwhileError: What was written holds somebody who is erased now.
        """
        if self._erased_now() != self._erased:
            raise ErasedMeanwhileError

    def lines(self, one: Chosen, counted: Counted) -> Iterator[Row]:
        """Give a collection's lines in the order of their ids, and count them."""
        documents = self._at_the_moment(one)
        while batch := list(islice(documents, _AT_ONCE)):
            yield from self._opened(one, batch, counted)

    def _opened(self, one: Chosen, batch: list[Row], counted: Counted) -> Iterator[Row]:
        whose = {document["_id"]: _person(one, document) for document in batch}
        keys = self._keys.find_many({person for person in whose.values() if person}) if one.sealed else {}
        sealer = Sealer(tenant=str(self._tenant), keys=keys)
        for document in batch:
            counted.kept += 1
            if self._is_of_the_erased(one, document):
                counted.erased += 1
                continue
            counted.lines += 1
            try:
                yield self._line(one, document, sealer, whose[document["_id"]])
            except (CiphertextMovedError, KeyError):
                counted.unreadable.append(str(document["_id"]))
                yield {**dict.fromkeys(one.names), "id": str(document["_id"]), UNREADABLE: True}

    def _line(self, one: Chosen, document: Row, sealer: Sealer, person: str | None) -> Row:
        content: Mapping[str, Any] = document
        if one.sealed and document.get("sealed"):
            content = {**document, **sealer.open(person or "", document["sealed"])}
        if one.name == _AUDITED and self._names_the_erased(document.get("object_id")):
            # As audit itself will write it, within seconds.
            content = {**document, "object_id": ERASED_PERSON, "object_salt": None}
        line: Row = {"id": str(document["_id"])}
        line |= {name: self._plain(value) for name, value in self._words.of(one.name, document).items()}
        return line | {shown_as(each): self._plain(content.get(each.name)) for each in one.fields}

    def _is_of_the_erased(self, one: Chosen, document: Row) -> bool:
        people = {_person(one, document), *(document.get("survivor_ids") or ())}
        is_theirs = bool(people & self._erased) or document.get("episode_id") in self._episodes_of_erased
        if is_theirs and one.name == _EPISODES:
            self._episodes_of_erased |= {document["_id"]}
        return is_theirs

    def _plain(self, value: Any) -> Any:
        """Give a value as JSON has it; of a list, without whoever was erased."""
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, Mapping):
            return {str(name): self._plain(inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._plain(inner) for inner in value if not self._names_the_erased(inner)]
        return str(value)

    def _names_the_erased(self, value: Any) -> bool:
        named = value.get("survivor_id") if isinstance(value, Mapping) else value
        return isinstance(named, str) and named in self._erased

    def _erased_now(self) -> frozenset[str]:
        return frozenset(row["_id"] for row in self._keys_database["erasures"].find({}, {"_id": 1}))

    def _at_the_moment(self, one: Chosen) -> Iterator[Row]:
        database = self._client.get_database(database_name(self._tenant, one.service), codec_options=_AWARE)
        command = {
            "find": one.collection,
            "sort": {"_id": 1},
            "readConcern": {"level": "snapshot", "atClusterTime": self.moment},
        }
        try:
            with database.cursor_command(command, codec_options=_AWARE) as cursor:
                yield from cursor
        except OperationFailure as error:
            if error.code != _SNAPSHOT_TOO_OLD:
                raise
            name = "minSnapshotHistoryWindowInSeconds"
            raise SnapshotTooOldError(self._client.admin.command({"getParameter": 1, name: 1})[name]) from error


def _person(one: Chosen, document: Row) -> str | None:
    """Say whose a document is; a survivor's own is under their id."""
    if one.name == _PEOPLE:
        return str(document["_id"])
    return document.get("survivor_id")
