"""A sandbox beside a host alone in containers: drawn once, known by its id, and the host stays the host."""

import pytest

from deploy.containers.secret_folder import build_parser
from deploy.containers.stack import ContainerLayout, ContainerStack
from deploy.containers.stack_kind import OtherStackError, What
from deploy.engines.layout import DEFAULT_PORT_BASE
from shared.kernel.errors import InvalidInputError

OAK = {"kind": "host", "tenant": "oak", "name": "Oak", "nation": "WALES", "setting": "OTHER"}


def drawn(home, **values):
    home.mkdir(exist_ok=True)
    What.given(**OAK, **values).keep(home / "stack-kind.json")
    return ContainerStack(ContainerLayout(home=home, port_base=DEFAULT_PORT_BASE), None)


def test_the_host_comes_first_and_the_sandbox_says_what_it_is(tmp_path):
    """Each has a port of its own; neither is a demo."""
    stack = drawn(tmp_path, sandbox="sandboxoak")
    assert [(spec.id, spec.number) for spec in stack.state.tenants] == [("oak", 0), ("sandboxoak", 1)]
    assert (stack.state.demo, stack.has_centre) == (False, False)
    assert [spec.id for spec in drawn(tmp_path / "other").state.tenants] == ["oak"]


def test_it_may_be_added_later_and_stays(tmp_path):
    """Also when the same words are given without it; another one is refused."""
    drawn(tmp_path)
    drawn(tmp_path, sandbox="sandboxoak")
    assert len(drawn(tmp_path).state.tenants) == 2
    with pytest.raises(OtherStackError, match="sandboxoak"):
        drawn(tmp_path, sandbox="sandboxelm")


@pytest.mark.parametrize(
    "values", [{"sandbox": "elm"}, {"tenant": "sandboxoak"}, {"sandbox": "board"}, {"sandbox": "Sandbox"}]
)
def test_a_name_that_says_something_else_is_refused(values):
    """A real person's file must never come where developers look, nor an invented one be counted."""
    with pytest.raises(InvalidInputError):
        What.given(**{**OAK, **values})


def test_the_words_of_the_script():
    """As the how-to gives them."""
    words = [
        "/secrets",
        "--drop",
        "/drop",
        "host",
        "oak",
        "--name",
        "Oak",
        "--nation",
        "WALES",
        "--sandbox",
        "sandboxoak",
    ]
    options = vars(build_parser().parse_args(words))
    assert (options["sandbox"], options["setting"]) == ("sandboxoak", "OTHER")
