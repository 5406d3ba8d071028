"""A consumer takes no code that its lists do not have, and lets no code hold up a no."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.codelists.lists import names
from shared.contracts.case import EpisodeOpened, StatisticsFactsChanged
from shared.contracts.checks import hints_of
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.contracts.fields import Code
from shared.contracts.listed import LISTED, UnlistedCodeError, check_listed
from shared.kernel.ids import new_id

NOW = datetime(2026, 10, 1, tzinfo=UTC)
FACTS = StatisticsFactsChanged(
    episode_id=new_id(), survivor_id=new_id(), referral_month="2026-09", gender="FEMALE",
    exploitation_types=("LABOUR", "SEXUAL"), region_of_nationality="ASIA", transfer_in=False, excluded=False,
    recorded_in_error=False, facts_recorded_at=NOW,
)  # fmt: skip
RELEASED = FactsReleased(
    contribution_id=new_id(), person_id=new_id(), referral_month="2026-09", gender="NOT_KNOWN",
    exploitation_types=("NOT_SPECIFIED_OR_UNKNOWN",), region_of_nationality="UK", transfer_in=False, excluded=False,
    effective_from=NOW, until=None, facts_recorded_at=NOW, decided_recorded_at=NOW,
)  # fmt: skip
OPENED = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES")


@pytest.mark.parametrize("event", [FACTS, RELEASED, OPENED])
def test_listed_codes_pass(event):
    """The codes of the lists, those for a question not answered included."""
    check_listed(event)


@pytest.mark.parametrize(
    "event",
    [
        replace(FACTS, gender="female"),
        replace(FACTS, exploitation_types=("LABOUR", "SLAVERY")),
        replace(RELEASED, region_of_nationality="VNM"),
        replace(OPENED, nation_of_support="LONDON"),
    ],
)
def test_an_unlisted_code_is_refused_and_not_repeated(event):
    """Also one of several, and one that differs in case only; the error names the field."""
    with pytest.raises(UnlistedCodeError) as refused:
        check_listed(event)
    assert refused.value.code == "unlisted-code"
    assert not any(value in str(refused.value) for value in ("female", "SLAVERY", "VNM", "LONDON"))


@pytest.mark.parametrize("flag", ["transfer_in", "excluded", "recorded_in_error"])
def test_a_no_is_not_held_up_by_a_code(flag):
    """An episode that is not to be counted goes out of counting whatever its other codes are."""
    check_listed(replace(FACTS, gender="SOMETHING_NEW", **{flag: True}))


def test_a_withheld_statement_with_a_new_reason_is_taken():
    """A newer consent service may have a reason that this version cannot name."""
    check_listed(
        FactsWithheld(
            contribution_id=new_id(),
            person_id=new_id(),
            referral_quarter="2026-Q3",
            reason="A_NEW_REASON",
            effective_at=NOW,
            facts_recorded_at=NOW,
            decided_recorded_at=NOW,
        )
    )


def test_every_list_and_field_that_is_named_exists():
    """A name that is wrong would be found only when the first message comes."""
    for event_type, fields in LISTED.items():
        assert set(fields.values()) <= set(names())
        hints = hints_of(event_type)
        assert all(hints[field] in (Code, tuple[Code, ...]) for field in fields)
