"""The forms of the sources' pages: what was typed, as the API takes it, and what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from services.case.imports.rules.profile import Profile, shipped
from services.case.mappings.views import MappingViews
from services.case.sources.asking import SourceInputError
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.salesforce import SECRETS, fields_of
from services.case.sources.rules.source import SALESFORCE
from services.case.sources.schemas import AddSourceSchema, CredentialsSchema

SHOWN_AGAIN = ("name", "profile", "system", "at", "host", "object", "sign_in")
"""What stands in a form again that was refused: never a credential."""


def source_of(form: Mapping[str, str], kind: str) -> dict[str, Any]:
    """Read the form of a new source.

    Raises:
        SourceInputError: A field is missing or not of its shape.
    """
    said: dict[str, Any] = {name: form.get(name, "").strip() for name in ("name", "profile", "system", "at")}
    if kind == SALESFORCE:
        said |= {name: form.get(name, "").strip() for name in ("host", "object", "sign_in")}
        said["credentials"] = _secrets(form)
    return _loaded(AddSourceSchema(), {"kind": kind, **{name: value for name, value in said.items() if value}})


def credentials_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Read the form of other credentials.

    Raises:
        SourceInputError: As above.
    """
    return _loaded(CredentialsSchema(), {"sign_in": form.get("sign_in", ""), "credentials": _secrets(form)})


def profiles_for(kind: str, mappings: MappingViews) -> list[tuple[str, str]]:
    """Give name and title of the mappings by which a source of this kind can be read, the host's own first."""
    own = mappings.approved()
    names = {one.id for one in own}
    every = [*own, *(one for one in shipped().values() if one.id not in names)]
    return [(one.id, one.title) for one in every if kind != SALESFORCE or _has_field_names(one)]


def _has_field_names(profile: Profile) -> bool:
    try:
        fields_of(profile)
    except SourceFaultError:
        return False
    return True


def _secrets(form: Mapping[str, str]) -> dict[str, str]:
    # Not stripped: a password may begin with a space.
    return {name: form[name] for name in SECRETS.get(form.get("sign_in", ""), ()) if form.get(name)}


def _loaded(schema: Any, said: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(said)
    except ValidationError as error:
        messages = error.messages_dict
        field = next(iter(messages))
        told = messages[field]
        missing = field not in said
        sentence = "This is needed." if missing else str(told[0] if isinstance(told, list) else "This does not fit.")
        raise SourceInputError(field, sentence) from None
    return loaded
