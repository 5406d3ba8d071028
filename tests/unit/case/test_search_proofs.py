"""A proof of a search opens for whoever made it, for half an hour, and as it was made."""

import base64

import pytest

from services.case.referring.proofs import LIFE_S, LONGEST, Proofs
from shared.kernel.tenancy import Principal, TenantId

KEY = b"k" * 32
SEARCHED = {"name": "Ida", "telephone": None, "reference": "R-1"}


def person(actor="ann", role="IMSA"):
    return Principal(actor_id=actor, tenant_id=TenantId("rowan"), organisation_id="rowan", role=role)


@pytest.fixture
def clock():
    return {"now": 1000.0}


@pytest.fixture
def proofs(clock):
    return Proofs(KEY, tenant="rowan", now=lambda: clock["now"])


def test_it_says_what_was_looked_for_and_whom_it_would_make(proofs):
    """Each search would make somebody else."""
    one, other = (proofs.open(proofs.of_search(person(), SEARCHED), person()) for _ in range(2))
    assert (one.name, one.telephone, one.reference) == ("Ida", None, "R-1")
    assert len({one.survivor_id, other.survivor_id, one.episode_id, other.episode_id}) == 4


@pytest.mark.parametrize("who", [person("ben"), person(role="SUPERVISOR")])
def test_it_is_nobody_elses(proofs, who):
    """Neither a colleague's nor one's own in another role."""
    assert proofs.open(proofs.of_search(person(), SEARCHED), who) is None


@pytest.mark.parametrize("other", [{"key": b"x" * 32, "tenant": "rowan"}, {"key": KEY, "tenant": "ash"}])
def test_another_hosts_proves_nothing(proofs, other):
    """Nor does one under another key."""
    theirs = Proofs(other["key"], tenant=other["tenant"], now=lambda: 1000.0)
    assert proofs.open(theirs.of_search(person(), SEARCHED), person()) is None


def test_it_ends(proofs, clock):
    """To the second; one from the future is none."""
    text = proofs.of_search(person(), SEARCHED)
    clock["now"] += LIFE_S - 1
    assert proofs.open(text, person()) is not None
    clock["now"] += 1
    assert proofs.open(text, person()) is None
    clock["now"] = 999.0
    assert proofs.open(text, person()) is None


@pytest.mark.parametrize(
    "text", ["", "x", "é", "A" * (LONGEST + 1), "====", "AQ==", base64.b64encode(bytes(64)).decode()]
)
def test_what_is_no_proof_proves_nothing(proofs, text):
    """Whatever a browser sends."""
    assert proofs.open(text, person()) is None


def test_an_altered_one_proves_nothing_and_shows_nothing(proofs):
    """What was typed stands in it sealed."""
    text = proofs.of_search(person(), SEARCHED)
    sealed = bytearray(base64.urlsafe_b64decode(text))
    assert b"Ida" not in sealed
    sealed[-1] ^= 1
    assert proofs.open(base64.urlsafe_b64encode(sealed).decode(), person()) is None
