"""As whom a command acts at this machine's own stack: who signed in, or, if one says so, a demo's invented people."""

import sys

import pytest

from client import main, stacks
from deploy.provision.spec import TenantSpec
from deploy.stack.state import StackState
from shared.kernel.tenancy import TenantId

ASKING = [
    ("audit", "list", "-t", "alder"),
    ("people", "list", "-t", "alder"),
    ("period", "preview", "2026", "-t", "alder"),
    ("release", "show"),
    ("whoami", "-t", "alder"),
]


@pytest.fixture
def run(monkeypatch, capsys, make_layout, tmp_path):
    """Runs a command at a stack whose APIs seem to run; nothing answers there."""
    layout = make_layout()
    monkeypatch.setattr(stacks, "require_api", lambda *_: None)
    monkeypatch.setenv("ALONGSIDE_SESSIONS", str(tmp_path / "sessions"))
    monkeypatch.setenv("ALONGSIDE_HOME", str(layout.home))
    monkeypatch.setenv("ALONGSIDE_PORT_BASE", str(layout.port_base))
    monkeypatch.delenv("ALONGSIDE_DEMO", raising=False)
    monkeypatch.delenv("ALONGSIDE_URL", raising=False)

    def run(*words, demo):
        alder = TenantSpec(id=TenantId("alder"), name="Alder", nation="WALES", setting="OTHER", number=0)
        StackState(demo=demo).with_tenant(alder).save(layout)
        monkeypatch.setattr(sys, "argv", ["alongside", *words])
        with pytest.raises(SystemExit) as ended:
            main.main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, " ".join(captured.err.split())

    return run


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
@pytest.mark.parametrize("demo", [False, True])
def test_nobody_acts_who_has_not_signed_in(run, words, demo):
    """Also in a demo, which says how to act as its invented people: what works there would fail in service."""
    code, printed, said = run(*words, demo=demo)
    assert (code, printed) == (1, "")
    assert "alongside sign-in --tenant" in said
    assert ("alongside --demo" in said) is demo


@pytest.mark.parametrize("words", ASKING[:-1], ids=" ".join)
def test_a_stack_in_service_has_no_invented_people(run, words):
    """Whoever says --demo there is told so, and no password of the stack's is looked for."""
    code, printed, said = run("--demo", *words, demo=False)
    assert (code, printed) == (1, "")
    assert "no such invented person" in said


def test_what_the_environment_says_is_named_where_it_contradicts(run, monkeypatch):
    """Whoever wrote neither option on the line finds both in the environment."""
    monkeypatch.setenv("ALONGSIDE_DEMO", "1")
    monkeypatch.setenv("ALONGSIDE_URL", "https://host.example")
    code, _, said = run("audit", "list", "-t", "alder", demo=True)
    assert code == 2
    assert "ALONGSIDE_DEMO" in said
    assert "ALONGSIDE_URL" in said
