"""A command speaks to its own stack or to none, writes nothing where there is nothing, and says so in one sentence."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading

import pytest
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from client import health, main
from deploy.engines.layout import PROJECT_ROOT, Layout
from deploy.engines.processes import OwnedProcess
from deploy.provision.spec import TenantSpec
from deploy.stack.ours import NotRunningError, is_taken, listens
from deploy.stack.state import StackState
from shared.kernel.tenancy import TenantId

PERIOD = "2026-Q3"
# What needs a stack that runs, with words that are otherwise right.
NEEDING = [
    ("status",), ("parked", "list", "-t", "alder"), ("parked", "show", "x", "-t", "alder"),
    ("parked", "replay", "x", "-t", "alder"), ("parked", "discard", "x", "-t", "alder", "--yes"),
    ("parked", "unrouted", "-t", "alder"), ("events", "tail", "-t", "alder"), ("events", "catalogue", "-t", "alder"),
    ("events", "key", "-t", "alder"), ("events", "consumers", "-t", "alder"),
    ("events", "seek", "crm", "-t", "alder", "--position", "1"), ("erase", "status", "-t", "alder"),
    ("period", "preview", PERIOD, "-t", "alder"), ("period", "sign-off", PERIOD, "-t", "alder"),
    ("period", "seal", PERIOD, "-t", "alder"), ("period", "close", PERIOD, "-t", "alder"),
    ("audit", "list", "-t", "alder"), ("import", __file__, "-t", "alder"), ("migrate", "status"), ("migrate", "up"),
    ("release", "show"), ("release", "draft", PERIOD), ("release", "publish", PERIOD), ("tenant", "suspend", "alder"),
    ("clock", "advance", "1"), ("backup", "--to", "never", "--recipient", "age1x"),
]  # fmt: skip
NAMING = [words for words in NEEDING if "-t" in words or words[:2] == ("tenant", "suspend")]


@pytest.fixture
def here(monkeypatch, capsys, tmp_path):
    """Runs a command in this process for a home and a port base; gives exit code, and what it printed and said."""

    def run(*words, home=None, port_base="26000"):
        monkeypatch.setenv("ALONGSIDE_HOME", str(home or tmp_path / "home"))
        monkeypatch.setenv("ALONGSIDE_PORT_BASE", str(port_base))
        monkeypatch.setattr(sys, "argv", ["alongside", *words])
        with pytest.raises(SystemExit) as ended:
            main.main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


@pytest.fixture
def layout(make_layout):
    """A demo's record of one host, of which nothing runs."""
    made = make_layout()
    alder = TenantSpec(id=TenantId("alder"), name="Alder", nation="WALES", setting="OTHER", number=0)
    StackState(demo=True).with_tenant(alder).save(made)
    return made


@pytest.fixture
def stranger():
    """Listens at a port as another stack would, and keeps all that it is sent."""
    with contextlib.ExitStack() as stack:
        heard = []

        def listen(port):
            server = stack.enter_context(socket.create_server(("127.0.0.1", port)))

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        connection, _ = server.accept()
                        heard.append(port)
                        connection.close()

            threading.Thread(target=serve, daemon=True).start()
            return heard

        yield listen


@pytest.fixture
def sleeper(layout):
    """Records a living process of the stack under a name."""
    started = []

    def start(name, port_base=None):
        process = OwnedProcess(Layout(home=layout.home, port_base=port_base or layout.port_base), name)
        process.spawn(["/bin/sleep", "600"], environment={})
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop(within_s=5)


def files(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def one_sentence(said):
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1, said
    return said.strip()


@pytest.mark.parametrize("words", NEEDING, ids=" ".join)
def test_where_there_is_no_stack_nothing_is_made(here, tmp_path, words):
    """One sentence, a code that is not 0, and not even a folder."""
    code, printed, said = here(*words)
    assert (code in {1, 3}, printed) == (True, "")
    one_sentence(said)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", [w for w in NEEDING if w[0] != "import"], ids=" ".join)
def test_where_nothing_runs_it_says_how_to_start_and_writes_nothing(here, layout, words):
    """The stack is known and is down: code 3."""
    before = files(layout.home)
    code, printed, said = here(*words, home=layout.home, port_base=layout.port_base)
    assert (code, printed) == (3, "")
    assert one_sentence(said).endswith("Start it with: alongside up")
    assert files(layout.home) == before


@pytest.mark.parametrize("words", NAMING, ids=" ".join)
def test_an_unknown_tenant_is_one_sentence_and_writes_nothing(here, layout, words):
    """Not even a folder of secrets with a new password for somebody who is not there."""
    before = files(layout.home)
    unknown = tuple("nobody" if word == "alder" else word for word in words)
    code, printed, said = here(*unknown, home=layout.home, port_base=layout.port_base)
    assert (code, printed) == (1, "")
    assert "has no such tenant" in one_sentence(said)
    assert files(layout.home) == before


@pytest.mark.parametrize("tenant", ["board", "custodian", "centre"])
def test_the_centre_is_no_host(here, layout, tenant):
    """It has no periods of its own; that was a trace of the program."""
    code, _, said = here("period", "preview", PERIOD, "-t", tenant, home=layout.home, port_base=layout.port_base)
    assert code == 1
    assert "has no such tenant" in one_sentence(said)


class TestAnotherStack:
    @pytest.mark.parametrize("words", [("period", "preview", PERIOD, "-t", "alder"), ("audit", "list", "-t", "alder")])
    @pytest.mark.parametrize("lives", [False, True], ids=["ours is down", "ours lives elsewhere"])
    def test_its_api_is_not_spoken_to(self, here, layout, stranger, sleeper, words, lives):
        """Who listens at our port is not the process that we started: no word and no password goes there."""
        if lives:
            sleeper("alder-api")
        heard = stranger(layout.tenant_api_port(0))
        code, _, said = here(*words, home=layout.home, port_base=layout.port_base)
        assert code == 1
        assert "was not spoken to" in one_sentence(said)
        assert heard == []

    @pytest.mark.parametrize(
        "words", [("status",), ("doctor",), ("parked", "list", "-t", "alder"), ("migrate", "status")]
    )
    def test_its_engines_are_not_spoken_to(self, here, layout, stranger, sleeper, words):
        """The administrator's password of one stack is not for the database of another."""
        sleeper("mongod")
        sleeper("rabbitmq")
        heard = stranger(layout.mongod_port)
        code, _, said = here(*words, home=layout.home, port_base=layout.port_base)
        assert code == 1
        assert "was not spoken to" in one_sentence(said)
        assert heard == []

    def test_a_home_that_runs_on_other_ports_names_them(self, here, layout, sleeper):
        """A forgotten ALONGSIDE_PORT_BASE, with the one that it runs on."""
        sleeper("mongod", port_base=layout.port_base)
        code, _, said = here("status", home=layout.home, port_base=layout.port_base + 200)
        assert code == 1
        assert f"ALONGSIDE_PORT_BASE={layout.port_base}." in one_sentence(said)

    def test_who_listens_is_read_from_the_kernel(self, make_layout):
        """Of this process, and of no other."""
        layout = make_layout()
        port = layout.port_base
        assert not is_taken(port)
        with socket.create_server(("127.0.0.1", port)):
            assert is_taken(port)
            assert listens(os.getpid(), port)
            assert not listens(os.getppid(), port)
            assert not listens(os.getpid(), port + 1)
        assert not listens(os.getpid(), port)


class TestWrongSettings:
    @pytest.mark.parametrize("port_base", ["abc", "80", "99999", "-1", "27400.5"])
    @pytest.mark.parametrize("words", [("up",), ("status",), ("doctor",), ("down",)], ids=" ".join)
    def test_a_wrong_port_base(self, here, tmp_path, words, port_base):
        """One sentence that gives the bounds."""
        code, _, said = here(*words, port_base=port_base)
        assert code == 1
        assert "ALONGSIDE_PORT_BASE must be a whole number from" in " ".join(one_sentence(said).split())
        assert not (tmp_path / "home").exists()

    @pytest.mark.parametrize(
        "words", [("up",), ("tenant", "add", "heron", "--name", "X", "--nation", "WALES"), ("demo",)]
    )
    def test_a_home_that_cannot_be_written(self, here, tmp_path, words):
        """A folder under a file, as on a full or read-only disk: what, why, and what to set."""
        (tmp_path / "file").write_text("", encoding="utf-8")
        code, _, said = here(*words, home=tmp_path / "file" / "home")
        assert code == 1
        last = said.strip().splitlines()[-1]
        assert "Traceback" not in said
        assert "Set ALONGSIDE_HOME to a folder that you may write in" in last

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (OperationFailure("Authentication failed., full error: {'ok': 0.0}"), 1),
            (ServerSelectionTimeoutError("x:1"), 3),
        ],
    )
    def test_no_drivers_text(self, here, monkeypatch, error, code):
        """Whatever the database's driver says; the sentence names the command that looks further."""

        def fail(_stack):
            raise error

        monkeypatch.setattr(health, "require_engines", fail)
        found, _, said = here("status")
        assert found == code
        words = one_sentence(said)
        assert "full error" not in words
        assert "x:1" not in words
        assert type(error).__name__ not in words
        assert "alongside doctor" in words


CONTENT = {
    "tenants": [
        {
            "id": f"hostnumber{n}", "name": "The Long Name of an Organisation that Helps People in Wales and England",
            "api": f"http://127.0.0.1:2742{n}", "processes": dict.fromkeys(("relay", "worker", "job", "courier", "api"), 1),
            "outbox_depth": 12345, "parked": 12, "last_seal": "2026-10-15T23:00:00+00:00",
        }
        for n in range(6)
    ],
    **{s: {"url": "http://127.0.0.1:27410", "processes": {"api": 1}} for s in ("board", "custodian", "centre")},
}  # fmt: skip


class TestHealth:
    @pytest.fixture
    def known(self, monkeypatch):
        """Sets what is found of the stack."""

        def give(findings=(), notes=(), *, away=False):
            def engines(_stack):
                if away:
                    raise NotRunningError("The message broker")

            monkeypatch.setattr(health, "require_engines", engines)
            monkeypatch.setattr(health, "status", lambda _stack: CONTENT)
            monkeypatch.setattr(health, "doctor", lambda *_: list(findings))
            monkeypatch.setattr(health, "notes", lambda _stack: iter(notes))

        return give

    def test_status_is_readable_at_80_columns(self, here, known, monkeypatch):
        """One line a host, no line longer, every number and address whole."""
        monkeypatch.setenv("COLUMNS", "80")
        known()
        code, printed, _ = here("status")
        assert code == 0
        lines = printed.splitlines()
        assert max(map(len, lines)) <= 80
        for n in range(6):
            rows = [line for line in lines if f"hostnumber{n} " in line]
            assert len(rows) == 2
            assert all(part in rows[0] for part in ("5/5", "12345", "12", "2026-10-15"))
            assert f"http://127.0.0.1:2742{n}" in rows[1]

    @pytest.mark.parametrize(
        ("findings", "away", "wanted"),
        [((), False, 0), (({"what": "x: not running: job.", "mend": "alongside up"},), False, 1), ((), True, 3)],
        ids=["well", "wrong", "away"],
    )
    def test_status_and_doctor_agree(self, here, known, findings, away, wanted):
        """In their exit codes, as text and as JSON."""
        known(findings, away=away)
        for output in ("text", "json"):
            assert here("status", "-o", output)[0] == here("doctor", "-o", output)[0] == wanted

    def test_what_was_started_again_is_said_and_is_no_fault(self, here, known, layout):
        """Both name it; the exit code stays 0, for it runs."""
        known(notes=("alder-worker ended unexpectedly once in the last hour.",))
        for command in ("status", "doctor"):
            code, printed, _ = here(command, home=layout.home, port_base=layout.port_base)
            assert code == 0
            assert "alder-worker ended unexpectedly once" in printed


class TestReset:
    def test_it_asks_and_no_answer_is_a_no(self, layout):
        """In a script, with nobody to ask, nothing is deleted."""
        environment = {**os.environ, **layout.as_environment(), "PYTHONPATH": str(PROJECT_ROOT)}
        command = [sys.executable, "-W", "ignore", "-m", "client.main", "reset"]
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 1
        assert "lost for good" in done.stdout + done.stderr
        assert (layout.home / "stack.json").exists()

    def test_a_folder_that_is_no_stack_is_never_deleted(self, here, tmp_path):
        """A slip in ALONGSIDE_HOME is not the end of somebody's files."""
        (tmp_path / "letters").write_text("dear", encoding="utf-8")
        code, _, said = here("reset", "--yes", home=tmp_path)
        assert code == 0
        assert "is not the home of a stack" in " ".join(said.split())
        assert (tmp_path / "letters").exists()

    @pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
    @pytest.mark.parametrize(("given", "asks"), [((), True), (("CONFIRM=1",), False), (("CONFIRM=0",), True)])
    def test_make_asks_unless_told(self, given, asks):
        """``make reset`` deleted everything without a word."""
        done = subprocess.run(
            ["make", "-n", "reset", *given], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True, timeout=30
        )
        assert ("--yes" not in done.stdout) is asks
