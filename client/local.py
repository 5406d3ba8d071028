"""Commands of the local operator: up, down, reset, demo, tenants and clock."""

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import typer

from client.leaving import delete_tenant, export_tenant, verify_deletion, verify_export
from client.rendering import render_tenant
from client.sandboxes import check_name
from client.shown import Output, out, say, show_json, show_left_out, show_release, show_rows, talk
from client.stacks import this_stack
from deploy.demo.flow import begin_clock, left_out, run_period
from deploy.demo.hosts import HOSTS
from deploy.demo.timings import DEMO_TIMINGS
from deploy.leaving.journal import refuse_deleted
from deploy.provision.spec import TenantSpec
from deploy.stack.errors import NotADemoError
from deploy.stack.ours import require_engines, require_tenant
from deploy.stack.people import HOST_LOGINS, invite_administrators, make_people, password_of
from deploy.stack.report import status
from deploy.stack.stack import Stack
from deploy.stack.state import StackState
from shared.codelists.lists import get
from shared.kernel.clock import read_offset
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, is_sandbox, tenant_id

BANNER = (
    "DEMO: one person plays five roles here (host, data lead, board, custodian, operator). "
    "In service that would void the guarantees; outside a demo no key or person may hold two of them. "
    "Every record is SYNTHETIC."
)

tenants = typer.Typer(help="Hosts of this stack.", no_args_is_help=True)
clock = typer.Typer(help="The business clock of a demo or test stack.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(reset)
    app.command()(demo)
    tenants.command("add")(add_tenant)
    tenants.command("list")(list_tenants)
    tenants.command("suspend")(suspend_tenant)
    tenants.command("render")(render_tenant)
    tenants.command("export")(export_tenant)
    tenants.command("export-verify")(verify_export)
    tenants.command("delete")(delete_tenant)
    tenants.command("deletion-verify")(verify_deletion)
    clock.command("advance")(advance_clock)
    app.add_typer(tenants, name="tenant")
    app.add_typer(clock, name="clock")


def up() -> None:
    """Start the engines, every process and the supervisor; what runs already is left alone."""
    stack = this_stack()
    stack.start_engines()
    stack.provision()
    stack.start_processes()
    stack.supervise()
    say("Everything runs. See: alongside status")


def down() -> None:
    """Stop every process and the engines; all data is kept."""
    stack = this_stack()
    if not stack.was_ever_started():
        say("Nothing runs here.")
        return
    stack.down()


def reset(*, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and delete this stack's data, keys included."""
    stack = this_stack()
    if not stack.was_ever_started():
        say(f"{stack.layout.home} is not the home of a stack. Nothing was deleted. Check ALONGSIDE_HOME.")
        return
    if not yes:
        typer.confirm(f"Delete everything in {stack.layout.home}? Its data and its keys are lost for good", abort=True)
    stack.down()
    shutil.rmtree(stack.layout.home, ignore_errors=True)
    say("Deleted.")


def demo(output: Output = "text") -> None:
    """Run the whole main job with six invented hosts; a second run changes nothing."""
    talk.print(f"[bold yellow]{BANNER}[/bold yellow]")
    stack = this_stack()
    state = stack.state
    if not state.tenants:
        state = StackState(demo=True, timings=DEMO_TIMINGS)
        for number, host in enumerate(HOSTS):
            spec = TenantSpec(
                id=TenantId(host.id), name=host.name, nation=host.nation, setting=host.setting, number=number
            )
            state = state.with_tenant(spec)
        state.save(stack.layout)
        begin_clock(stack)
    if not stack.everything_runs():
        stack.start_engines()
        stack.provision()
        stack.start_processes()
        say("Making the invented people of each host")
        for tenant in (CENTRE, *(t.id for t in state.tenants)):
            make_people(stack.layout, tenant)
    stack.supervise()
    release = run_period(stack, say)
    previews = {host.name: left_out(stack, host.id) for host in HOSTS}
    if output == "json":
        show_json({"release": release, "hosts": previews, "status": status(stack)})
        return
    show_release(release)
    for name, preview in previews.items():
        show_left_out(name, preview)
    _say_where(stack)


def add_tenant(
    name: Annotated[str, typer.Argument(help="Short id: letters and digits.")],
    title: Annotated[str, typer.Option("--name", help="The host organisation's name.")],
    nation: Annotated[str, typer.Option(help="ENGLAND, WALES, SCOTLAND or NORTHERN_IRELAND")],
    setting: Annotated[str, typer.Option(help="A code of organisation_setting.")] = "OTHER",
    output: Output = "text",
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="A host of invented people, for integrators to try with; never counted.")
    ] = False,
) -> None:
    """Add a host: databases, broker users, keys, processes, and its first administrator."""
    check_name(name, sandbox=sandbox)
    stack = this_stack()
    state = stack.state
    refuse_deleted(stack.layout, name)
    get("nation").require(nation)
    get("organisation_setting").require(setting)
    identity = tenant_id(name)
    known = state.find(identity)
    number = known.number if known is not None else state.next_number()
    spec = TenantSpec(id=identity, name=title, nation=nation, setting=setting, number=number)
    replace(state.with_tenant(spec), suspended=tuple(s for s in state.suspended if s != identity)).save(stack.layout)
    if not stack.engines.is_running():
        stack.start_engines()
        stack.provision()
    stack.provision([spec])
    stack.start_processes([identity])
    stack.supervise()
    url = stack.url(identity)
    content: dict[str, Any] = {"id": identity, "api": url, "login": f"admin@{identity}.example"}
    if state.demo or sandbox:
        make_people(stack.layout, identity)
    else:
        content["links"] = {who: url + path for who, path in invite_administrators(stack.layout, identity).items()}
    if output == "json":
        show_json(content)
        return
    say(f"{title} runs at {url}. First login: {content['login']}.")
    if sandbox:
        say(f"Everybody there is invented. Begin with: alongside --demo sandbox fill --tenant {identity}")
    if state.demo or sandbox:
        say("Its invented password is in the folder of secrets of this stack.")
    for who, link in content.get("links", {}).items():
        say(f"Give {who} this link, and nobody else. It works once, for seven days, and sets the password:")
        say(link)


def list_tenants(output: Output = "text") -> None:
    """List the hosts of this stack, and where each answers; whether they do is asked by: alongside status."""
    stack = this_stack()
    state = stack.state
    rows: list[dict[str, Any]] = [
        {
            "id": t.id,
            "name": t.name,
            "nation": t.nation,
            "setting": t.setting,
            "suspended": t.id in state.suspended,
            "sandbox": is_sandbox(t.id),
            "api": stack.url(t.id),
        }
        for t in state.tenants
    ]
    if output == "json":
        show_json({"tenants": rows, "centre": {name: stack.url(name) for name in (BOARD, CUSTODIAN, CENTRE)}})
    else:
        show_rows(rows, ("id", "name", "nation", "setting", "suspended", "sandbox"))


def suspend_tenant(name: str) -> None:
    """Stop a host's processes; its data stays. ``tenant add`` starts it again."""
    stack = this_stack()
    require_tenant(stack, name, host=True)
    require_engines(stack)
    state = stack.state
    stack.stop_processes([name])
    replace(state, suspended=tuple(sorted({*state.suspended, name}))).save(stack.layout)
    say(f"{name} is suspended. Start it again with: alongside tenant add {name} …")


def advance_clock(days: Annotated[float, typer.Argument(help="Days to add to the business clock.")]) -> None:
    """Move the business clock of a demo or test stack."""
    stack = this_stack()
    if not stack.state.demo:
        raise NotADemoError
    require_engines(stack)
    current = read_offset(stack.layout.home / "clock.json").seconds
    stack.advance_clock(current + timedelta(days=days).total_seconds())
    say(f"The business clock was moved forward by {days} days.")


def _say_where(stack: Stack) -> None:
    rows = [
        {"what": "Board's page", "address": stack.url("board"), "login": "open: released figures only"},
        *(
            {"what": host.name, "address": stack.url(host.id) + "/host", "login": f"datalead@{host.id}.example"}
            for host in HOSTS
        ),
    ]
    passwords = [f"{name}: {password_of(stack.layout, tenant)}" for name, tenant in _password_owners()]
    out.print()
    show_rows(rows, ("what", "address", "login"), title="The stack goes on running. Stop it with: make down")
    out.print(f"Other logins of each host: {', '.join(HOST_LOGINS)}. APIs: the same addresses with /docs/.")
    out.print("Who signs a release: the board's address with /releasing, statistician@ and approver@centre.example.")
    out.print("One invented password for the people of each:")
    for line in passwords:
        out.print("  " + line, soft_wrap=True)


def _password_owners() -> list[tuple[str, TenantId]]:
    return [("board", CENTRE), *((host.name, TenantId(host.id)) for host in HOSTS)]
