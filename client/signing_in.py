"""``alongside sign-in``, ``whoami`` and ``sign-out``: a command acts as the person who calls it.

The password is asked for and never an argument, where others on the machine could read it; nothing keeps it.
"""

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from client.acting import acting
from client.alongside_client import Password, PlainAddressError, Token
from client.alongside_client.sending import checked
from client.sessions import Session, find, forget, keep
from client.shown import Output, out, show_json, show_rows
from client.stacks import person_at, place_of
from deploy.stack.api_client import ApiClient
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import BOARD, CUSTODIAN

Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The host's short id, or board, custodian or centre.")]


class AnotherTenantError(RuleViolationError):
    """What answers at the address is another organisation's."""

    code = "another-tenant"

    def __init__(self) -> None:
        """Say what to check."""
        super().__init__(
            "What answers at that address belongs to another organisation than --tenant says. Check both; nobody was "
            "signed in."
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sign-in")(sign_in)
    app.command("whoami")(whoami)
    app.command("sign-out")(sign_out)


def sign_in(
    tenant: Tenant,
    login: Annotated[str | None, typer.Option("--login", help="Your login; asked for if left out.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="Which of your roles, if you have several.")] = None,
    register_url: Annotated[
        str | None,
        typer.Option("--register", help="With --url, for board and custodian: address of the central register."),
    ] = None,
    output: Output = "text",
) -> None:
    """Sign in; the password is asked for. It lasts for 15 minutes after your last command, for eight hours at most."""
    place = place_of(tenant, register_url=_register(tenant, register_url))
    known_as = login or str(typer.prompt("Login", err=True))
    password = str(typer.prompt(f"Password of {known_as}", hide_input=True, err=True))
    began, given = time.time(), list[Token]()
    grant = Password(login=known_as, password=password, role=role, audience=place.audience, renewable=True)
    client = ApiClient(url=place.url, token_url=place.token_url, grant=grant, on_token=given.append, local=place.local)
    client.sign_in()
    if place.audience is None and client.get("/v1/me")["tenant"] != tenant:
        raise AnotherTenantError
    session = Session(
        place=place.name,
        tenant=tenant,
        login=known_as,
        token_url=place.token_url,
        audience=place.audience,
        began=began,
        token=given[-1],
    )
    keep(session)
    _show(session, output)


def whoami(tenant: Tenant, output: Output = "text") -> None:
    """Say as whom, in which role and until when you are signed in."""
    place = place_of(tenant)
    person = person_at(place, tenant)
    # Asks the API: a session that an administrator ended is ended here too.
    if person.audience is None:
        person.get("/v1/me")
    else:
        person.sign_in()
    session = find(place.name)
    if session is not None:
        _show(session, output)


def sign_out(tenant: Tenant, output: Output = "text") -> None:
    """Forget the sign-in on this machine; a token that was copied ends by itself within 15 minutes."""
    known = forget(place_of(tenant, look=False).name)
    if output == "json":
        show_json({"signed_out": known})
    else:
        out.print("Signed out." if known else "Nobody was signed in there.")


def _register(tenant: str, given: str | None) -> str | None:
    """Check the register's address.

    Raises:
        typer.BadParameter: It is needed and left out, or sends secrets in the clear.
    """
    if acting().url is None or tenant not in {BOARD, CUSTODIAN}:
        return None
    if given is None:
        raise typer.BadParameter("People of the centre sign in at the central register: say where, with --register URL")
    try:
        return checked(given, allow_plain=False)
    except PlainAddressError as error:
        raise typer.BadParameter(f"--register: {error}") from error


def _show(session: Session, output: str) -> None:
    shown: dict[str, Any] = {
        "login": session.login,
        "role": session.token.role,
        "tenant": session.tenant,
        "until": datetime.fromtimestamp(session.ends_at(), UTC).isoformat(timespec="seconds"),
    }
    if output == "json":
        show_json(shown)
    else:
        show_rows([{"what": name, "value": value} for name, value in shown.items()], ("what", "value"))
        out.print("Each command that you run lets it last for another 15 minutes, up to eight hours in all.")
