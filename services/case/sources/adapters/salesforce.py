"""Reads every record of one object of a Salesforce organisation, deleted ones too, page by page.

Promise: it has no call that writes; what it gives is whole, or it gives a fault; a session that ends in the middle is
begun again and the page asked for once more. Shown by tests/integration/case/test_source_salesforce.py.
Limit: what Salesforce's recycle bin no longer holds is not told as deleted, but is absent.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from services.case.sources.adapters.wire import PinnedAdapter, session_over
from services.case.sources.rules import answers
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.salesforce import (
    ABOVE,
    HOST,
    SECRETS,
    about_consent,
    cell,
    is_deleted,
    missing,
    soql,
)

VERSION = "62.0"
MOST_ROWS = 1_000_000
READ_WITHIN_S = 1_800.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record.

    Attributes:
        cells: In the order of the reader's columns.
        deleted: Whether it was deleted at the source.
    """

    cells: tuple[str, ...]
    deleted: bool


class SalesforceReader:
    """Reads one object; for one reading."""

    def __init__(
        self,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        fields: Sequence[str],
        *,
        adapter: PinnedAdapter | None = None,
        within_s: float = READ_WITHIN_S,
    ) -> None:
        """Take where, as whom, and what to read."""
        self._settings = settings
        self._secrets = secrets
        self._fields = tuple(fields)
        self._session = session_over(adapter or PinnedAdapter())
        self._until = time.monotonic() + within_s
        self._named: dict[str, str] = {}
        self._salesforce: Salesforce | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of what is read: the fields, and those left out that speak of a consent; once it is begun."""
        return (*self._fields, *self._named.values())

    def begin(self) -> None:
        """Sign in, and look whether the object still has the fields.

        Raises:
            SourceFaultError: See ``rules.faults``.
        """
        described = self._ask(self._describe)
        if not isinstance(described, Mapping) or not isinstance(described.get("fields"), list):
            raise SourceFaultError("NOT_UNDERSTOOD")
        fields = [one for one in described["fields"] if isinstance(one, Mapping)]
        gone = missing(self._fields, fields)
        if gone:
            raise SourceFaultError("FIELD_GONE", gone)
        self._named = about_consent(self._fields, fields)

    def rows(self) -> Iterator[Row]:
        """Give every record; whoever acts on them reads to the end first.

        Raises:
            SourceFaultError: See ``rules.faults``; also where fewer or more came than were announced.
        """
        asked = (*self._fields, *self._named)
        question = soql(self._settings["object"], asked)
        page = self._ask(lambda: self._signed_in().query(question, include_deleted=True))
        wanted, count = _number(page, "totalSize"), 0
        if wanted > MOST_ROWS:
            raise SourceFaultError("TOO_MUCH")
        while True:
            records = page.get("records")
            if not isinstance(records, list) or not isinstance(page.get("done"), bool):
                raise SourceFaultError("NOT_UNDERSTOOD")
            count += len(records)
            if count > wanted or (not records and not page["done"]):
                raise SourceFaultError("INCOMPLETE")
            for record in records:
                if not isinstance(record, Mapping):
                    raise SourceFaultError("NOT_UNDERSTOOD")
                yield Row(cells=tuple(cell(record, field) for field in asked), deleted=is_deleted(record))
            if page["done"]:
                break
            more = page.get("nextRecordsUrl")
            if not isinstance(more, str) or not more.startswith("/services/data/"):
                raise SourceFaultError("INCOMPLETE")
            page = self._ask(partial(self._next_page, more))
        if count != wanted:
            raise SourceFaultError("INCOMPLETE")

    def _next_page(self, more: str) -> Any:
        return self._signed_in().query_more(more, identifier_is_url=True)

    def _describe(self) -> Any:
        thing: Any = getattr(self._signed_in(), self._settings["object"])
        return thing.describe()

    def _signed_in(self) -> Salesforce:
        if self._salesforce is None:
            domain = self._settings["host"].removesuffix(ABOVE)
            given: dict[str, Any] = {name: self._secrets[name] for name in SECRETS[self._settings["sign_in"]]}
            self._salesforce = Salesforce(
                **given, domain=domain, version=VERSION, session=self._session, parse_float=str
            )
            if HOST.fullmatch(self._salesforce.sf_instance.lower()) is None:
                raise SourceFaultError("ELSEWHERE")
        return self._salesforce

    def _ask(self, question: Callable[[], Any]) -> Any:
        if time.monotonic() > self._until:
            raise SourceFaultError("TIMED_OUT")
        try:
            answer = question()
        except SourceFaultError:
            raise
        except SalesforceAuthenticationFailed as error:
            raise answers.of_sign_in(error.code) from None
        except SalesforceError as error:
            raise answers.of_salesforce(error.status, error.content, self._fields) from None
        except (requests.RequestException, ValueError, LookupError, TypeError, AttributeError) as error:
            # Not as the library says it: an answer may stand in its text.
            del error
            raise SourceFaultError("NOT_UNDERSTOOD") from None
        return answer


def _number(page: Any, name: str) -> int:
    value = page.get(name) if isinstance(page, Mapping) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SourceFaultError("NOT_UNDERSTOOD")
    return value
