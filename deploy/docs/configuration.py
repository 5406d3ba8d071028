"""The page of settings: environment variables, a service's credentials file, and a stack's folders and ports."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

from deploy.docs.markdown import code, page, table
from deploy.engines.layout import DEFAULT_PORT_BASE, PROJECT_ROOT, Layout
from deploy.provision.spec import Timings
from shared.kernel.errors import RuleViolationError
from shared.runtime.context import ServiceSettings

VARIABLES: Mapping[str, str] = {
    "ALONGSIDE_HOME": "Folder of everything a stack on one machine writes. Otherwise `.alongside` beside the code.",
    "ALONGSIDE_PORT_BASE": f"First of the 200 TCP ports of such a stack. Otherwise {DEFAULT_PORT_BASE}.",
    "ALONGSIDE_CLIENT_ID": "Of an integrator's own program: its machine key's id. `alongside consumer check feed` sets it.",
    "ALONGSIDE_CLIENT_SECRET": "Of an integrator's own program: its machine key's secret; set in the same way.",
    "ALONGSIDE_DEMO": "`1`: each command acts as the invented people of a demo, as with `alongside --demo`.",
    "ALONGSIDE_URL": "Address of an API elsewhere, as with `alongside --url`.",
    "ALONGSIDE_SESSIONS": "Folder in which `alongside sign-in` keeps sessions. Otherwise the keyring of the system, or, where there "
    "is none, `.local/state/alongside/sessions` of whoever signs in.",
    "ALONGSIDE_SECRETS": "For each process: the folder of credentials files, `<tenant>/<service>.json`. Needed.",
    "ALONGSIDE_HEARTBEAT": "For each process: the folder of the files that its loops touch; `shared.runtime.probe` "
    "reads them.",
    "ALONGSIDE_REAL_DATA": "Folder of the published tables for `make real-data` and `make attack`.",
    "ALONGSIDE_REGISTER_URL": "With containers: https address of the central register, where the board's people sign in. "
    "A demo has one of its own.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "Where telemetry goes. Without it nothing is sent and no exporter is loaded. "
    "OpenTelemetry's other `OTEL_…` variables hold too.",
}
SETTINGS: Mapping[str, str] = {
    "mongo_uri": "The database, as this service's own user.",
    "amqp_uri": "The broker, as this service's own user.",
    "vhost": "The tenant's vhost.",
    "data_dir": "Folder of what a process keeps outside the database: task keys, the register of hosts.",
    "tenant_key_file": "The tenant key; never in the database, never in its backups. Keys of waiting uploads lie beside it, in `uploads`.",
    "token_public_keys": "Public keys (hexadecimal) of those who may sign tokens; several while one is replaced.",
    "token_issuer": "Who signs the tokens: the tenant itself; for board and custodian the central register.",
    "clock_file": "The offset of the business clock; nought in service.",
    "name": "The organisation's name, on pages.",
    "nation": "A code of the list nation.",
    "setting": "A code of the list organisation_setting.",
    "api_port": "Port of the API.",
    "demo": "True in demo and test stacks only: the clock may be moved, duties joined, passwords hashed cheaply, webhooks sent to "
    "this machine itself. At a sandbox identity and consent are told so too, for its people are invented.",
    "mark_settle_s": "Seconds that a mark lies behind real time.",
    "mark_every_s": "Seconds between marks.",
    "poll_s": "Seconds between looks where no change stream rings.",
    "job_every_s": "Seconds between runs of the period clock and its like.",
    "retry_delays_ms": "Waits of the retry ladder; part of the topology.",
    "extra": "What one kind of service alone needs; below.",
}
EXTRAS: Mapping[str, str] = {
    "connections_an_address": "API only: connections that one address may hold at once.",
    "batch_limit": "Messages that a worker takes at once.",
    "board_signing_key": "The board's public signing key, as its owner gave it at onboarding.",
    "custodian_signing_key": "The custodian's, likewise.",
    "signing_key_file": "This owner's private signing key.",
    "log_key_file": "Audit only: the key that signs the tenant's audit log.",
    "token_private_key_file": "Identity only: the key that signs tokens.",
    "sign_in_register": "Where the sign-in page asks when identity does not run in this process.",
    "escrow_file": "The slot of the tenant key's one copy.",
    "escrow_holder_key": "Public key of who may open that copy.",
    "escrow_holder_key_file": "File with the escrow holder's public key, where it is drawn on the spot.",
    "courier_remotes": "Courier only: each server's broker.",
    "courier_own_uri": "Courier only: the tenant's own broker.",
    "certificate_files": "Certificates whose end is measured.",
    "drop_folder": "Case only: the folder below which each source of kind folder has its own, by its name; by default `drop` "
    "in the data folder.",
    "drain_s": 'Seconds between "not ready" and the end of an api.',
}
_PORTS = (
    "mongod_port",
    "amqp_port",
    "rabbit_management_port",
    "board_api_port",
    "custodian_api_port",
    "identity_api_port",
)


class UndescribedSettingError(RuleViolationError):
    """The code reads a setting that the page does not explain, or the page explains one that nothing reads."""

    code = "undescribed-setting"

    def __init__(self, kind: str, names: frozenset[str]) -> None:
        """Name them."""
        super().__init__(
            f"{kind}: {', '.join(sorted(names))}: read or described, not both. Mend deploy/docs/configuration.py."
        )


def configuration_page() -> str:
    """Write the page.

    Raises:
        UndescribedSettingError: Code and page know different settings.
    """
    variables, extras = _all_read()
    _compare("variables", variables, VARIABLES)
    _compare("settings", frozenset(f.name for f in fields(ServiceSettings)), SETTINGS)
    _compare("extra settings", extras, EXTRAS)
    layout = Layout(home=PROJECT_ROOT, port_base=DEFAULT_PORT_BASE)
    ports = [(code(getattr(layout, name) - DEFAULT_PORT_BASE), str(getattr(Layout, name).__doc__)) for name in _PORTS]
    ports.append((f"from {code(layout.tenant_api_port(0) - DEFAULT_PORT_BASE)}", "One for each tenant's HTTP API."))
    timings = Timings()
    waits = [(code(f.name), code(getattr(timings, f.name))) for f in fields(Timings)]
    return page(
        "Configuration",
        "A process reads one file for each of its services and two variables; nothing else. Secrets stand in "
        "files with mode "
        "0600, never in the environment. The provisioner writes them all: `alongside tenant add`, or `alongside "
        "tenant render` "
        "for a cluster.",
        "## Environment variables\n\n" + table(("variable", "what"), _rows(VARIABLES)),
        "## A service's credentials file\n\n`<ALONGSIDE_SECRETS>/<tenant>/<service>.json`; the courier has one of "
        "its own.",
        table(("field", "what"), _rows(SETTINGS)),
        "### extra\n\n" + table(("field", "what"), _rows(EXTRAS)),
        "## Timings of a stack in service\n\n" + table(("field", "otherwise"), waits),
        "## Ports, counted from the port base\n\n" + table(("port", "what"), ports),
    )


@cache
def _all_read() -> tuple[frozenset[str], frozenset[str]]:
    """Give the variables and the extra settings that the code reads; once, since it stays as it is while we run."""
    trees = {file: _tree(file) for file in _sources("services", "shared", "deploy", "client")}
    of_extras = [trees[file] for file in _sources("services", "shared/runtime", "deploy")]
    return variables_read(list(trees.values())), extras_read(of_extras)


def variables_read(sources: list[ast.Module]) -> frozenset[str]:
    """Give the names of variables that stand in the code as a string of their own."""
    return frozenset(
        node.value
        for tree in sources
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.isidentifier()
        and node.value.startswith(("ALONGSIDE_", "OTEL_EXPORTER"))
    )


def extras_read(sources: list[ast.Module]) -> frozenset[str]:
    """Give the names that are read of the field extra."""
    return frozenset(name for tree in sources for node in ast.walk(tree) if (name := _extra(node)) is not None)


def _extra(node: ast.AST) -> str | None:
    if isinstance(node, ast.Subscript) and _is_extra(node.value) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
    if called and _is_extra(node.func.value) and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
        return str(node.args[0].value)  # type: ignore[attr-defined]
    return None


def _is_extra(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "extra") or (
        isinstance(node, ast.Name) and node.id == "extra"
    )


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        for file in sorted((PROJECT_ROOT / package).rglob("*.py")):
            if PROJECT_ROOT / "deploy" / "docs" not in file.parents:
                yield file


def _compare(kind: str, read: frozenset[str], described: Mapping[str, str]) -> None:
    differing = read ^ frozenset(described)
    if differing:
        raise UndescribedSettingError(kind, differing)


def _rows(described: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((code(name), words) for name, words in described.items())
