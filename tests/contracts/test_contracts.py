"""Every event: allowed kinds of field, a stored snapshot, no change that breaks a consumer."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.case import EpisodeOpened, StatisticsFactsChanged
from shared.contracts.checks import ContractBreachError, check_publishable, check_type
from shared.contracts.registry import EVENTS, ROUTES
from shared.contracts.reporting import ShareSubmitted
from shared.contracts.schemas import incompatibilities, json_schemas, schema_of
from shared.kernel.ids import new_id
from shared.kernel.messages import Event

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_every_event_keeps_its_promise_to_those_who_know_it(event_type):
    """The schema equals its stored snapshot, or differs only by what older consumers can ignore.

    A new event needs its snapshot: python -m tests.contracts.write_snapshots
    """
    file = SNAPSHOTS / f"{event_type}.json"
    assert file.exists(), "run: python -m tests.contracts.write_snapshots"
    assert incompatibilities(json.loads(file.read_text(encoding="utf-8")), json_schemas()[event_type]) == []


class TestIncompatibilities:
    old: ClassVar = {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}

    @pytest.mark.parametrize(
        ("new", "broken"),
        [
            ({"properties": {"a": {"type": "string"}}, "required": ["a"]}, True),
            ({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]}, True),
            ({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a", "b"]}, True),
            (
                {
                    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "string"}},
                    "required": ["a"],
                },
                False,
            ),
        ],
    )
    def test_only_an_optional_addition_is_compatible(self, new, broken):
        """A removed, changed or newly required field breaks a consumer; an added optional one does not."""
        assert bool(incompatibilities(self.old, new)) is broken


class TestMachineCheck:
    @pytest.mark.parametrize("event_type", sorted(EVENTS))
    def test_every_field_is_of_an_allowed_kind(self, event_type):
        """Id, code, count, instant or hash; sealed bytes only where listed."""
        check_type(EVENTS[event_type])

    def test_a_text_field_is_refused(self):
        """A type with a plain string is refused, also if it takes a registered name."""

        @dataclass(frozen=True, kw_only=True)
        class Forged(Event):
            event_type: ClassVar[str] = "alongside.case.episode_opened.v1"
            source: ClassVar[str] = "case"
            subject_field: ClassVar[str] = "name"
            name: str

        with pytest.raises(ContractBreachError):
            check_publishable(Forged(name="Somebody"), "local")

    def test_a_case_event_may_not_leave_its_vhost(self):
        """Only listed types may take a route other than local."""
        event = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="ENGLAND")
        for route in ROUTES:
            with pytest.raises(ContractBreachError):
                check_publishable(event, route)

    @given(st.text(min_size=1).filter(lambda text: " " in text or not text.isascii()))
    def test_free_text_never_fits_a_code(self, text):
        """A value with a space or a letter outside ASCII is refused wherever a code belongs."""
        event = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support=text)
        with pytest.raises(ContractBreachError) as caught:
            check_publishable(event, "local")
        assert text not in str(caught.value) or len(text.strip()) <= 1

    def test_a_day_never_fits_a_month(self):
        """An exact date where a month belongs is refused."""
        with pytest.raises(ContractBreachError):
            check_publishable(facts(referral_month="2026-07-14"), "local")

    def test_a_share_may_go_to_the_board_alone(self):
        """Share A has the board's route and no other."""
        share = ShareSubmitted(
            report_id=new_id(),
            task_id=new_id(),
            host="alder",
            task_hash="0" * 64,
            task_signature="0" * 128,
            provenance="0" * 64,
            sealed="AAAA",
            signature="0" * 128,
        )
        check_publishable(share, "board")
        with pytest.raises(ContractBreachError):
            check_publishable(share, "custodian")


def test_marshmallow_and_msgspec_agree():
    """What one decodes the other loads, and what one refuses the other refuses."""
    good = msgspec.to_builtins(facts())
    schema = schema_of(StatisticsFactsChanged)()
    assert schema.load({**good, "later_field": 1})["gender"] == "FEMALE"
    for broken in (
        {**good, "gender": "two words"},
        {**good, "referral_month": "July"},
        {k: v for k, v in good.items() if k != "gender"},
    ):
        assert schema.validate(broken)
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(broken, StatisticsFactsChanged)


def facts(**changes):
    values = {
        "episode_id": new_id(),
        "survivor_id": new_id(),
        "referral_month": "2026-07",
        "gender": "FEMALE",
        "exploitation_types": ("LABOUR",),
        "region_of_nationality": "ASIA",
        "transfer_in": False,
        "excluded": False,
        "recorded_in_error": False,
        "facts_recorded_at": datetime.now(UTC),
    }
    return StatisticsFactsChanged(**{**values, **changes})
