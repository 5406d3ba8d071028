"""What is asked of Salesforce: which host, which object, which fields, and in which words.

Promise: nothing but names of objects and fields goes into a question, so no setting can make it ask for more; a host is
below salesforce.com and nowhere else. Shown by tests/unit/case/test_source_rules.py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.case.imports.rules.columns import consent_columns, is_withdrawal
from services.case.imports.rules.profile import Profile
from services.case.imports.rules.reading import plain
from services.case.sources.rules.faults import SourceFaultError

ABOVE = ".salesforce.com"
HOST = re.compile(
    r"(?=.{1,120}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){0,4}\.salesforce\.com"
)
OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}")
GENERAL_HOSTS = ("login.salesforce.com", "test.salesforce.com")
CLIENT_CREDENTIALS, PASSWORD = "client_credentials", "password"
SECRETS: Mapping[str, tuple[str, ...]] = {
    CLIENT_CREDENTIALS: ("consumer_key", "consumer_secret"),
    PASSWORD: ("username", "password", "security_token"),
}
_SECRET_SHAPES = {
    "consumer_key": re.compile(r"[\x21-\x7e]{1,300}"),
    "consumer_secret": re.compile(r"[\x21-\x7e]{1,300}"),
    "username": re.compile(r"[\x21-\x7e]{1,200}"),
    "password": re.compile(r"[^\x00-\x1f]{1,200}"),
    # Put into the question as it stands, so nothing that could end an element.
    "security_token": re.compile(r"[A-Za-z0-9]{1,100}"),
}
ID, DELETED = "Id", "IsDeleted"


def fields_of(profile: Profile) -> tuple[str, ...]:
    """Give the fields that a mapping reads, which are its columns.

    Raises:
        SourceFaultError: A column is no name of a field.
    """
    columns = tuple(profile.columns)
    if not columns or not all(FIELD.fullmatch(column) for column in columns):
        raise SourceFaultError("MAPPING_GONE", [column for column in columns if FIELD.fullmatch(column) is None])
    return columns


def missing(fields: Iterable[str], described: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Give the fields that an object no longer has; of a field of another object the question itself will tell."""
    known = {str(one.get("name", "")).casefold() for one in described}
    return tuple(name for name in fields if "." not in name and name.casefold() not in known)


def about_consent(fields: Iterable[str], described: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Give the fields that a mapping leaves out although their name or label speaks of a consent or its end.

    A file would be read or refused for such a column under whatever name it has, so what is pulled is too.

    Returns:
        Under which name each of them stands in what is read, by the field.
    """
    ours = {name.casefold() for name in fields}
    found = {}
    for one in described:
        name, label = str(one.get("name", "")), str(one.get("label", ""))
        if name.casefold() in ours or not OBJECT.fullmatch(name):
            continue
        speaking = [said for said in (name, label) if is_withdrawal(said) or plain(said) in consent_columns()]
        if speaking:
            found[name] = speaking[0]
    return found


def soql(thing: str, fields: Sequence[str]) -> str:
    """Give the question for every record of an object, in an order that is the same each time.

    Raises:
        SourceFaultError: A name is none.
    """
    if OBJECT.fullmatch(thing) is None:
        raise SourceFaultError("OBJECT_GONE")
    if any(FIELD.fullmatch(one) is None for one in fields):
        raise SourceFaultError("MAPPING_GONE")
    known = {one.casefold() for one in fields}
    wanted = [*(one for one in (ID, DELETED) if one.casefold() not in known), *fields]
    return " ".join(("SELECT", ", ".join(wanted), "FROM", thing, "ORDER BY", ID))


def cell(record: Mapping[str, Any], field: str) -> str:
    """Give what a record says in a field, as an export of the Data Loader writes it.

    Raises:
        SourceFaultError: The field holds several things, or the answer is not of this shape.
    """
    value: Any = record
    for name in field.split("."):
        if value is None:
            return ""
        if not isinstance(value, Mapping):
            raise SourceFaultError("NOT_UNDERSTOOD")
        value = _named(value, name)
    if isinstance(value, Mapping | list):
        raise SourceFaultError("FIELD_NOT_PLAIN", [field])
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def is_deleted(record: Mapping[str, Any]) -> bool:
    """Whether a record was deleted at the source.

    Raises:
        SourceFaultError: It does not say.
    """
    said = _named(record, DELETED)
    if not isinstance(said, bool):
        raise SourceFaultError("NOT_UNDERSTOOD")
    return said


def secret_problem(how: str, secrets: Mapping[str, str]) -> str | None:
    """Give the name of a credential that is missing, of too many, or not of its shape; never its value."""
    wanted = SECRETS.get(how, ())
    strange = sorted(set(secrets) - set(wanted))
    return next(
        (name for name in wanted if _SECRET_SHAPES[name].fullmatch(secrets.get(name, "")) is None),
        strange[0] if strange else None,
    )


def _named(record: Mapping[str, Any], name: str) -> Any:
    if name in record:
        return record[name]
    # Salesforce takes a name in any case and answers in its own.
    found = [value for key, value in record.items() if key.casefold() == name.casefold()]
    if not found:
        raise SourceFaultError("NOT_UNDERSTOOD")
    return found[0]
