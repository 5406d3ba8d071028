"""Makes the commands of what was asked by page or API, once it is known to fit together.

Promise: what is refused is refused by the name of its field, and never with its value. Shown by
tests/integration/case/test_sources_api.py.
"""

from collections.abc import Mapping
from typing import Any

from services.case.mappings.views import MappingViews
from services.case.sources.commands import AddSource, ChangeCredentials
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.salesforce import (
    CLIENT_CREDENTIALS,
    GENERAL_HOSTS,
    SECRETS,
    fields_of,
    secret_problem,
)
from services.case.sources.rules.source import FOLDER, SALESFORCE
from services.case.sources.sealing import SourceSecrets
from services.case.sources.views import SourceViews
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext

_OF_SALESFORCE = ("host", "object", "sign_in", "credentials")


class SourceInputError(InvalidInputError):
    """A source is asked for in a way that does not fit together."""

    code = "source-input"

    def __init__(self, field: str, sentence: str) -> None:
        """Name the field, and say how to mend it."""
        super().__init__(sentence, ({"pointer": f"#/{field}", "code": self.code, "detail": sentence},))


class Asking:
    """Makes commands about sources."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._mappings = MappingViews(context)
        self._secrets = SourceSecrets(context.tenant_key, context.tenant_id)
        self._views = SourceViews(context)

    def add(self, body: Mapping[str, Any], *, actor_id: str) -> AddSource:
        """Make the command that adds a source.

        Raises:
            SourceInputError: Something is missing, too much, or does not fit.
        """
        system = self._system(body)
        source_id, settings, secret = new_id(), {}, None
        if body["kind"] == SALESFORCE:
            for name in _OF_SALESFORCE:
                if not body[name]:
                    raise SourceInputError(name, f"A Salesforce source needs {name}.")
            _check_secrets(body["sign_in"], body["credentials"], body["host"])
            settings = {name: body[name] for name in ("host", "object", "sign_in")}
            secret = self._secrets.seal(source_id, body["credentials"])
        elif named := next((name for name in _OF_SALESFORCE if body[name] is not None), None):
            raise SourceInputError(named, f"A folder has no {named}. Leave it out.")
        return AddSource(
            source_id=source_id,
            actor_id=actor_id,
            name=body["name"],
            kind=body["kind"],
            profile=body["profile"],
            system=system,
            at=body["at"],
            settings=settings,
            secret=secret,
        )

    def credentials(self, source_id: str, body: Mapping[str, Any], *, actor_id: str) -> ChangeCredentials:
        """Make the command that changes a source's credentials.

        Raises:
            DocumentMissingError: There is no such source.
            SourceInputError: It has none, or these are not whole.
        """
        source = self._views.stored(source_id)
        if source.kind == FOLDER:
            raise SourceInputError("credentials", "A folder has no credentials: who may write there, its system says.")
        _check_secrets(body["sign_in"], body["credentials"], source.settings["host"])
        return ChangeCredentials(
            source_id=source_id,
            actor_id=actor_id,
            how=body["sign_in"],
            secret=self._secrets.seal(source_id, body["credentials"]),
        )

    def _system(self, body: Mapping[str, Any]) -> str:
        profile = self._mappings.named(body["profile"])
        if profile is None:
            raise SourceInputError(
                "profile",
                "There is no approved mapping of this name. Propose and approve one first: alongside import profiles.",
            )
        if body["kind"] == SALESFORCE:
            try:
                fields_of(profile)
            except SourceFaultError as fault:
                raise SourceInputError(
                    "profile",
                    f"These columns of the mapping are no field names of Salesforce: {', '.join(fault.names)}. Write "
                    "each as its API name, such as Birthdate or Nation__c.",
                ) from None
        if profile.source and body["system"] not in {None, profile.source}:
            raise SourceInputError("system", f"This mapping is for {profile.source}. Leave the system out.")
        system = profile.source or body["system"]
        if not system:
            raise SourceInputError("system", "This mapping names no system. Say whose references these are.")
        return str(system)


def _check_secrets(how: str, secrets: Mapping[str, str], host: str) -> None:
    if how == CLIENT_CREDENTIALS and host in GENERAL_HOSTS:
        raise SourceInputError("host", "client_credentials needs your own My Domain name, such as x.my.salesforce.com.")
    problem = secret_problem(how, secrets)
    if problem is not None:
        wanted = ", ".join(SECRETS[how])
        name = problem if problem in SECRETS[how] else "something else"
        raise SourceInputError(
            "credentials",
            f"For {how} give exactly {wanted}; {name} is missing, too much, or has a sign that it cannot.",
        )
