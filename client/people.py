"""Commands for the people who may act: invite, confirm, list, end sessions; and links of the machine's operator."""

from typing import Annotated, Any

import typer

from client.acting import acting
from client.shown import Output, out, show_json, show_rows
from client.stacks import invented, person_at, place_of, running_stack
from deploy.stack.api_client import ApiClient
from deploy.stack.people import ADMINISTRATORS_NAME, invite_administrators, new_link
from services.identity.people.rules import CENTRE_ADMINISTRATOR, HOST_ADMINISTRATOR
from shared.kernel.tenancy import CENTRE, TenantId

Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The host's short id, or centre for the central register.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", help="Login of the administrator who asks, if not who signed in; with --demo an invented one."
    ),
]
Login = Annotated[str, typer.Argument(help="A login has the form of an e-mail address.")]

people = typer.Typer(help="People: invite, confirm, list; enrolment links.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    people.command("first")(first)
    people.command("link")(link)
    people.command("invite")(invite)
    people.command("confirm")(confirm)
    people.command("list")(list_people)
    people.command("end-sessions")(end_sessions)
    app.add_typer(people, name="people")


def first(tenant: Tenant, output: Output = "text") -> None:
    """Invite the two first administrators; whoever has not used their link gets a new one."""
    stack = running_stack(tenant)
    links = invite_administrators(stack.layout, TenantId(tenant))
    shown = {login: stack.url(tenant) + path for login, path in links.items()}
    if output == "json":
        show_json({"links": shown})
        return
    if not shown:
        out.print("Both first administrators have set their passwords. Nothing was changed.")
    for login, address in shown.items():
        _show_link(login, address)


def link(login: Login, tenant: Tenant, output: Output = "text") -> None:
    """Give an administrator who forgot their password a new link; for the operator of this machine."""
    stack = running_stack(tenant)
    address = stack.url(tenant) + new_link(stack.layout, TenantId(tenant), login)
    if output == "json":
        show_json({"login": login, "link": address})
    else:
        _show_link(login, address)


def invite(  # noqa: PLR0917  The command line gives each by its name.
    login: Login,
    tenant: Tenant,
    role: Annotated[list[str], typer.Option("--role", help="A role; may be given more than once.")],
    by: As = None,
    name: Annotated[str | None, typer.Option(help="The name that colleagues see.")] = None,
    output: Output = "text",
) -> None:
    """Invite a person, who sets their own password with the link that is shown here once."""
    body: dict[str, Any] = {"login": login, "roles": role, "display_name": name}
    answer = administrator_of(tenant, by).post("/v1/users", body)
    if output == "json":
        show_json(answer)
        return
    if "enrolment_path" in answer:
        _show_link(login, place_of(tenant).url + answer["enrolment_path"])
    if "confirmation" in answer:
        out.print("A second administrator must confirm this role, and gives the person a code for the link:")
        out.print(f"  alongside people confirm {login} --tenant {tenant} --as LOGIN", soft_wrap=True)


def confirm(login: Login, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Confirm, as a second administrator, what another one asked for."""
    administrator = administrator_of(tenant, by)
    person = _find(administrator, login)
    if output == "text":
        proposed = (person["proposed"] or person)["memberships"]
        out.print(f"{login} is to be: {', '.join(m['role'] for m in proposed)}")
    answer = administrator.post(f"/v1/users/{person['id']}/confirm", version=person["version"])
    if output == "json":
        show_json(answer)
    elif "confirmation_code" in answer:
        out.print(f"Confirmed. Give {login} this code yourself; it goes with the link: {answer['confirmation_code']}")
    else:
        out.print("Confirmed.")


def list_people(tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """List the people of one's organisation."""
    rows = administrator_of(tenant, by).items("/v1/users")
    if output == "json":
        show_json({"people": rows})
        return
    shown = [
        {
            "login": row["login"],
            "roles": ", ".join(m["role"] for m in row["memberships"]),
            "waits for confirmation": ", ".join(m["role"] for m in (row["proposed"] or {}).get("memberships", ())),
            "state": row["status"],
            "last sign-in": (row["last_signed_in_at"] or "")[:16].replace("T", " "),
        }
        for row in rows
    ]
    show_rows(shown, ("login", "roles", "waits for confirmation", "state", "last sign-in"))


def end_sessions(login: Login, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Let somebody sign in again wherever they are signed in, such as after a lost telephone."""
    administrator = administrator_of(tenant, by)
    answer = administrator.post(f"/v1/users/{_find(administrator, login)['id']}/end-sessions", {})
    if output == "json":
        show_json(answer)
    else:
        out.print(f"Wherever {login} is signed in, it ends within 15 minutes. They can sign in again.")


def administrator_of(tenant: str, login: str | None) -> ApiClient:
    """Give a session of who signed in; or of the login that is named, whose password is asked for.

    Never an argument, where others on the machine could read it. With ``--demo`` an invented administrator.
    """
    place = place_of(tenant)
    name, _, organisation = (login or f"{ADMINISTRATORS_NAME[tenant == CENTRE]}@{tenant}.example").partition("@")
    if acting().demo and organisation == f"{tenant}.example":
        return invented(place, tenant, name)
    if login is None:
        return person_at(place, tenant)
    return ApiClient(
        url=place.url,
        login=login,
        password=typer.prompt(f"Password of {login}", hide_input=True, err=True),
        role=CENTRE_ADMINISTRATOR if tenant == CENTRE else HOST_ADMINISTRATOR,
        local=place.local,
    )


def _find(administrator: ApiClient, login: str) -> dict[str, Any]:
    for row in administrator.items("/v1/users"):
        if row["login"].casefold() == login.casefold():
            return row
    raise typer.BadParameter("This organisation has nobody with that login. See: alongside people list")


def _show_link(login: str, address: str) -> None:
    out.print(f"Give {login} this link, and nobody else. It works once, for seven days, and sets the password:")
    out.print(f"  {address}", soft_wrap=True)
