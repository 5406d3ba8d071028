"""The register of interpreters by plain rules: a blank keeps, a clearing takes away, a tie is ended and stays."""

from datetime import UTC, date, datetime

import pytest

from services.case.interpreters.errors import InterpreterMisstatedError, NoSuchTieError, TooManyTiesError
from services.case.interpreters.rules import Interpreter, Tie, Words
from shared.kernel.tenancy import Principal

AT = datetime(2026, 9, 1, 13, tzinfo=UTC)
BEN = Principal(actor_id="ben", tenant_id="t0001", organisation_id="o", role="SUPERVISOR")


def vera(**said):
    words = Words(name="Vera Hoti", dialects=("Gheg",), agency="Planted")
    about = {"languages": ("sq",), "gender": "FEMALE", "modes": ("VIDEO",), "from_on": date(2026, 1, 1), **said}
    return Interpreter(**{"id": "vera", "words": words, "stated_by": "ann", "updated_at": AT, **about})


def tie(number=1):
    return Tie(id=f"tie-{number}", kind="FRIEND_OF", who="Arben", by="ben", at=AT)


def test_a_blank_changes_nothing_and_a_clearing_takes_away():
    """Also of what is kept closed."""
    now = vera().changed({"agency": None, "dialects": (), "languages": ("sq", "en")}, ("dialects",), BEN, AT)
    assert (now.words.agency, now.words.dialects, now.languages, now.stated_by) == ("Planted", (), ("sq", "en"), "ben")
    with pytest.raises(InterpreterMisstatedError):
        vera().changed({"until_on": date(2025, 1, 1)}, (), BEN, AT)
    with pytest.raises(InterpreterMisstatedError):
        vera(words=None).changed({"gender": "MALE"}, (), BEN, AT)


def test_a_tie_ends_once_and_stays_to_be_seen():
    """So many are noted and no more."""
    one = vera().tied(tie()).tied(tie(2)).untied("tie-1", BEN, AT)
    assert [(each.id, each.ended_by) for each in one.words.ties] == [("tie-1", "ben"), ("tie-2", None)]
    for unknown in ("tie-1", "tie-3"):
        with pytest.raises(NoSuchTieError):
            one.untied(unknown, BEN, AT)
    full = vera()
    for number in range(50):
        full = full.tied(tie(number))
    with pytest.raises(TooManyTiesError):
        full.tied(tie(51))
