"""Both servers judge a report's half by one rule, in one order."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from shared.codelists.lists import get
from shared.contracts.admission import TAKEN_BEFORE, why_not_new


@dataclass
class Half:
    """A half that nothing is wrong with."""

    host: str = "alder"
    report_id: str = "report-1"
    sealed: str = "sealed-1"
    task_hash: str = "hash"
    message_signature: str | None = "signed"


def why_not(half=None, *, sender="alder", kept=None, is_open=True, hosts=("alder",), is_bound=True):
    draft = SimpleNamespace(hosts=dict.fromkeys(hosts), is_bound=is_bound)
    return why_not_new(half or Half(), sender=sender, kept=kept, is_open=is_open, draft=draft, task_hash="hash")


def test_a_half_that_nothing_is_wrong_with_is_taken():
    """There is no reason against it."""
    assert why_not() is None


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("WRONG_HOST", {"sender": "birch"}),
        ("SECOND_REPORT", {"kept": Half(report_id="report-0")}),
        ("SECOND_REPORT", {"kept": Half(sealed="sealed-0")}),
        ("LATE", {"is_open": False}),
        ("NOT_ON_ROSTER", {"hosts": ("birch",)}),
        ("WRONG_TASK", {"half": Half(task_hash="another")}),
        ("DOES_NOT_OPEN", {"half": Half(message_signature=None)}),
    ],
)
def test_each_fault_has_its_reason(reason, said):
    """A code of the list, and one fault is enough."""
    assert why_not(**said) == reason
    assert reason in get("report_refusal").codes


def test_a_half_that_comes_again_is_no_second_report():
    """Also after closing, since what was taken before stays taken."""
    assert why_not(kept=Half(), is_open=False) == TAKEN_BEFORE
    assert TAKEN_BEFORE not in get("report_refusal").codes


def test_who_sends_for_another_host_learns_nothing_of_it():
    """Not even whether that host has sent."""
    assert why_not(sender="birch", kept=Half(), is_open=False) == "WRONG_HOST"


def test_a_half_without_a_signature_will_do_where_the_task_is_not_bound():
    """A task of an older kind asks for none."""
    assert why_not(Half(message_signature=None), is_bound=False) is None
