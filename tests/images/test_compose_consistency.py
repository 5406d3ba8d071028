"""``docker-compose.yml``, ``Dockerfile`` and code name the same processes, variables, ports and files, both ways."""

import ast
import importlib.util
import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.containers import healthy, provision, replica_set, secret_folder
from deploy.containers.stack import HOME, ContainerLayout
from deploy.containers.stack_kind import What
from deploy.demo.hosts import HOSTS
from deploy.engines.layout import DEFAULT_PORT_BASE, PROJECT_ROOT
from deploy.provision.credentials import Vault
from deploy.render.__main__ import main
from deploy.render.compose import FILES, compose_files
from deploy.render.processes import API_PORT, kinds_of
from services.run import build_parser
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN

COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
GUESTS = yaml.safe_load((PROJECT_ROOT / "docker-compose.guests.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = {name: s for name, s in SERVICES.items() if "alongside" in s["image"]}
PROCESSES = {name: s for name, s in OURS.items() if "services.run" in s["command"]}
LAYOUT = ContainerLayout(home=HOME, port_base=DEFAULT_PORT_BASE)
DEMO = (BOARD, CUSTODIAN, CENTRE, *(host.id for host in HOSTS))
HOST_ALONE = "${ALONGSIDE_HOST:-host}"
BESIDE = "${ALONGSIDE_SANDBOX:-sandbox}"
STANDS_FOR = {HOST_ALONE: "host", BESIDE: "sandbox"}
FOLDER = "${ALONGSIDE_SECRETS_FOLDER:-./secrets}"
DROP = "${ALONGSIDE_DROP_FOLDER:-./drop}"


def options_of(service):
    """The command line of one of our processes, as services.run reads it."""
    return build_parser().parse_args(service["command"][3:])


def mounts(service):
    """(source, target, mode) of every volume."""
    split = [re.split(r":(?![-?])", v) for v in service.get("volumes", [])]
    return [(v[0], v[1], v[2] if len(v) > 2 else "rw") for v in split]


@pytest.mark.parametrize("name", FILES)
def test_the_committed_file_is_what_the_code_renders(name):
    """Byte by byte: after changing a service, a port or a version, run ``python -m deploy.render``."""
    assert (PROJECT_ROOT / name).read_text(encoding="utf-8") == compose_files()[name]


def test_the_command_tells_a_file_that_is_outdated(tmp_path, monkeypatch, capsys):
    """``--check`` writes nothing and ends with 1; without it the file is mended."""
    monkeypatch.setattr("deploy.render.__main__.PROJECT_ROOT", tmp_path)
    (tmp_path / FILES[1]).write_text("services: {}\n", encoding="utf-8")
    assert main(["--check"]) == 1
    assert capsys.readouterr().out.count("is outdated") == len(FILES)
    assert not (tmp_path / FILES[0]).exists()
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_each_process_of_the_code_is_a_container():
    """Every kind of every tenant has one container, and there is no other."""
    found = sorted((o.tenant, o.kind) for o in map(options_of, PROCESSES.values()))
    expected = [(t, kind) for t in (*DEMO, HOST_ALONE, BESIDE) for kind in kinds_of(STANDS_FOR.get(t, t))]
    assert found == sorted(expected)
    assert (BESIDE, "courier") not in found


def test_a_containers_name_says_what_it_runs():
    """``alder-worker`` runs alder's worker."""
    for name, service in PROCESSES.items():
        options = options_of(service)
        tenant = STANDS_FOR.get(options.tenant, options.tenant)
        assert name == f"{tenant}-{options.kind}"
        assert options.services == "all"
        # A worker that held all kinds of work would do the others' work twice.
        assert options.kinds == ("consumers" if options.kind == "worker" else "all")


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_command_is_one_that_exists(name):
    """``python -m`` names a module of ours whose command line takes these arguments."""
    python, flag, module, *arguments = OURS[name]["command"]
    assert (python, flag) == ("python", "-m")
    assert importlib.util.find_spec(module) is not None
    parsers = {
        "services.run": build_parser,
        "deploy.containers.provision": provision.build_parser,
        "deploy.containers.replica_set": replica_set.build_parser,
    }
    parsers[module]().parse_args(arguments)


def test_ports():
    """Published ports are the layout's own two digits, on this machine only; an api listens where it is published."""
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:${ALONGSIDE_PORTS:-274}"), name
    for tenant in DEMO:
        api = PROCESSES[f"{tenant}-api"]
        number = next((n for n, host in enumerate(HOSTS) if host.id == tenant), None)
        fixed = {BOARD: LAYOUT.board_api_port, CUSTODIAN: LAYOUT.custodian_api_port, CENTRE: LAYOUT.identity_api_port}
        expected = fixed[tenant] if number is None else LAYOUT.tenant_api_port(number)
        assert api["ports"] == [f"127.0.0.1:${{ALONGSIDE_PORTS:-274}}{expected % 100:02}:{API_PORT}"]
        options = options_of(api)
        assert (options.host, options.port) == ("0.0.0.0", API_PORT)  # noqa: S104  Inside its own network.
    assert str(DEFAULT_PORT_BASE)[:3] == "274"
    assert [name for name, s in PROCESSES.items() if s.get("ports")] == [n for n in PROCESSES if n.endswith("-api")]


def test_the_board_asks_the_register_by_its_name():
    """Where the board's people sign in: the register's service and port, in a network that both are in."""
    address = urlsplit(LAYOUT.register_url)
    register, board = PROCESSES[address.hostname], PROCESSES["board-api"]
    assert (options_of(register).tenant, options_of(register).port) == (CENTRE, address.port)
    assert set(register["networks"]) & set(board["networks"])


def read_by_the_code():
    """Every environment variable that a service's process reads."""
    found = set()
    for package in ("services", "shared"):
        for file in (PROJECT_ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if "environ" in text:
                words = {
                    n.value
                    for n in ast.walk(ast.parse(text))
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
                found |= {w for w in words if re.fullmatch(r"(ALONGSIDE|OTEL)_[A-Z_]+", w)}
    return found


def test_every_variable_is_read_and_every_one_read_is_set():
    """What a process is given is what the code asks for, neither more nor less."""
    for name, service in PROCESSES.items():
        assert set(service["environment"]) == read_by_the_code(), name


def test_no_password_stands_in_the_file():
    """Secrets are files: no variable holds one, and none has a default."""
    for file in (COMPOSE, GUESTS):
        for name, service in file["services"].items():
            for key, value in service.get("environment", {}).items():
                if re.search("PASS|SECRET|KEY|TOKEN", key):
                    assert str(value).startswith(("/run/secrets/", "/var/lib/alongside/")), f"{name}: {key}"


def test_paths_in_containers_are_the_codes():
    """A tenant's container has its own secrets, data, escrow and the clock where the code looks, and no other's."""
    for name, service in PROCESSES.items():
        tenant = options_of(service).tenant
        expected = {
            str(Vault.folder_of(LAYOUT.secrets_dir, tenant)),
            str(LAYOUT.home / "tenants" / tenant),
            str(LAYOUT.escrow_dir(tenant)),
            str(LAYOUT.clock_file.parent),
        }
        if tenant == HOST_ALONE:
            expected.add(str(LAYOUT.home / "tls"))
        # What others bring, a host's job alone sees.
        drop = str(LAYOUT.drop_dir(tenant))
        if options_of(service).kind == "job" and tenant not in (BOARD, CUSTODIAN, CENTRE):
            expected.add(drop)
        assert {target for _, target, _ in mounts(service)} == expected, name
        for source, target, _ in mounts(service):
            ours = f"{FOLDER}/home/{PurePosixPath(target).relative_to(HOME)}"
            assert source == (f"{DROP}/{tenant}" if target == drop else ours)
        assert service["environment"]["ALONGSIDE_SECRETS"] == str(LAYOUT.secrets_dir / "credentials")
        assert any(t.startswith(service["environment"]["ALONGSIDE_HEARTBEAT"] + ":") for t in service["tmpfs"])


@pytest.mark.parametrize(
    "what",
    [
        What(kind="demo"),
        What(kind="centre"),
        What(kind="host", tenant="oak", name="Oak", nation="WALES", setting="OTHER", sandbox="sandboxoak"),
    ],
    ids=lambda what: what.kind,
)
def test_the_secrets_drawn_are_those_mounted(tmp_path, monkeypatch, what):
    """Each secret and folder that compose mounts is drawn for its user, and each that is drawn is mounted."""
    owners = {}
    monkeypatch.setattr(
        "os.chown", lambda path, user, group: owners.update({str(Path(path).relative_to(tmp_path)): user})
    )
    secret_folder.make(tmp_path, what, tmp_path / "drop")
    declared = {Path(s["file"].removeprefix(FOLDER + "/")).name for s in COMPOSE["secrets"].values()}
    assert {p.name for p in tmp_path.iterdir() if p.is_file()} == declared
    for name, service in SERVICES.items():
        user = int(service.get("user", "0").partition(":")[0])
        for secret in service.get("secrets", []):
            file = COMPOSE["secrets"][secret]["file"].removeprefix(FOLDER + "/")
            assert owners[file] == user, f"{name} reads {file}"
    used = {s for service in SERVICES.values() for s in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    folders = {
        source.removeprefix(FOLDER + "/").replace(HOST_ALONE, what.tenant).replace(BESIDE, what.sandbox)
        for service in SERVICES.values()
        if {what.kind, "sandbox" if what.sandbox else ""} & set(service["profiles"])
        for source, _, _ in mounts(service)
        if source.startswith(FOLDER)
    }
    assert {f for f in folders if owners.get(f) != secret_folder.OURS} == set()
    dropped = {
        source.removeprefix(DROP + "/").replace(HOST_ALONE, what.tenant).replace(BESIDE, what.sandbox)
        for service in SERVICES.values()
        if {what.kind, "sandbox" if what.sandbox else ""} & set(service["profiles"])
        for source, _, _ in mounts(service)
        if source.startswith(DROP)
    }
    assert {owner.removeprefix("drop/") for owner in owners if owner.startswith("drop/")} == dropped
    assert {owners[f"drop/{tenant}"] for tenant in dropped} <= {secret_folder.OURS}
    broker_tls = {
        source.removeprefix(FOLDER + "/") for source, _, _ in mounts(GUESTS["services"]["rabbitmq"]) if FOLDER in source
    }
    assert {owners[f] for f in broker_tls} == {secret_folder.ENGINES}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_closed(name):
    """Nothing runs as root, writes its own files, gains rights, or starts without a profile and a fixed image."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["profiles"]
    assert service.get("user", "") != "0:0"
    if not service["image"].startswith(("otel/", "prom/")):  # Their images name a user that is not root.
        assert int(service["user"].partition(":")[0]) > 0
    tag = re.search(r":(\$\{[A-Z_]+:-)?(?P<tag>[\w.-]+)\}?$", service["image"].replace("${ALONGSIDE_IMAGE:-", ""))
    assert tag is not None
    assert tag["tag"] not in {"latest", ""}


def test_only_couriers_and_collectors_reach_out():
    """The engines' network has no way out; of our processes a host's courier has one, and each host's job."""
    assert COMPOSE["networks"]["engines"] == {"internal": True}
    outward = {name for name, s in SERVICES.items() if "outbound" in s.get("networks", [])}
    jobs = {f"{host.id}-job" for host in HOSTS} | {"host-job", "sandbox-job"}
    assert outward == {"host-courier", "collector", *jobs}
    inward = {name for name, s in OURS.items() if "entrance" in s.get("networks", [])}
    assert inward == {name for name in OURS if name.endswith("-api")}


def test_files_of_the_tree_exist():
    """Whatever compose mounts from the tree is there."""
    for file in (COMPOSE, GUESTS):
        for service in file["services"].values():
            for source, _, _ in mounts(service):
                if source.startswith("./"):
                    assert (PROJECT_ROOT / source).exists(), source


def test_named_volumes_are_declared_and_used():
    """No volume is declared for nothing."""
    used = {source for s in SERVICES.values() for source, _, _ in mounts(s) if not source.startswith((".", "$"))}
    assert used == set(COMPOSE["volumes"])


def test_every_knob_is_documented():
    """Each variable that the compose files interpolate is in docs/images.md, and each one there is a real one."""
    text = "".join(
        (PROJECT_ROOT / n).read_text(encoding="utf-8") for n in ("docker-compose.yml", "docker-compose.guests.yml")
    )
    code = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    named = set(re.findall(r"\$\{([A-Z_]+)", code))
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (PROJECT_ROOT / "docs/images.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert documented == named


def test_the_image_holds_what_the_layers_name():
    """The packages that are copied are those of the import rules; the user is the one that compose and secrets name."""
    layers = re.search(r"root_packages =\n((?: +\w+\n)+)", (PROJECT_ROOT / ".importlinter").read_text(encoding="utf-8"))
    assert set(re.findall(r"^COPY (\w+) /app/", DOCKERFILE, re.MULTILINE)) == set(layers[1].split())
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == [f"{secret_folder.OURS}:{secret_folder.OURS}"]
    assert {s["user"] for s in OURS.values()} == {f"{secret_folder.OURS}:{secret_folder.OURS}"}
    assert healthy.__name__ in DOCKERFILE


def pins(name):
    """Package and version of a lock's lines, with their hashes."""
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    return {
        block.split(" ")[0]: frozenset(re.findall(r"sha256:\w+", block))
        for block in re.split(r"\n(?=\S)", text)
        if "==" in block.split("\n")[0]
    }


def test_the_bill_of_materials_is_made_by_locked_packages():
    """What makes the bill is the development lock's own, hash for hash."""
    development = pins("deploy/locks/dev.txt")
    assert {name: development.get(name) for name in pins("deploy/sbom/cyclonedx.txt")} == pins(
        "deploy/sbom/cyclonedx.txt"
    )


def test_the_stand_ins_have_the_names_that_compose_asks_for():
    """Each base image that the offline script makes is one that Dockerfile or compose names, but for its tag."""
    script = (PROJECT_ROOT / "deploy/offline/build.sh").read_text(encoding="utf-8")
    made = dict(re.findall(r"^(python|broker|database)_image=(\S+)$", script, re.MULTILINE))
    assert f"ARG PYTHON_IMAGE={made['python']}\n" in DOCKERFILE
    assert SERVICES["rabbitmq"]["image"].startswith(made["broker"].partition(":")[0] + ":")
    assert SERVICES["mongo"]["image"].startswith(made["database"].partition(":")[0] + ":")
