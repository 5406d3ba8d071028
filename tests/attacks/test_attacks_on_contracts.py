"""A26: nothing written freely crosses to the centre, and nothing unlisted becomes a figure."""

import re
import typing
from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts import fields
from shared.contracts.checks import ContractBreachError, check_publishable, hints_of
from shared.contracts.registry import EVENTS, ROUTES
from shared.contracts.witness import CheckpointSubmitted
from shared.kernel.ids import new_id
from shared.kernel.messages import Event
from tests.kit.truth import PLAN

ROUTED = sorted(set().union(*ROUTES.values()))
FROM_A_HOST = sorted(t for t in ROUTED if t.split(".")[1] not in {"board", "custodian"})
INSTANT = datetime(2026, 11, 23, tzinfo=UTC)
SAMPLES = {
    fields.ID_PATTERN: new_id(),
    fields.CODE_PATTERN: "CODE",
    fields.PERIOD_PATTERN: "2026-Q3",
    fields.MONTH_PATTERN: "2026-09",
    fields.HASH_PATTERN: "0" * 64,
    fields.SIGNATURE_PATTERN: "0" * 128,
    fields.SEALED_PATTERN: "AAAA",
    fields.LATER_KEY_PATTERN: "0" * 2624,
    fields.LATER_SIGNATURE_PATTERN: "0" * 4840,
}
FREE_TEXT = (
    "She came from Hanoi", "call before 5", "jos\u00e9", "a\nb", "", " ", "O'Brien", "07700 900123", "a@b.example",
    "x" * 81, "=HYPERLINK()", "1990/01/02",
)  # fmt: skip


def sample(hint):
    """A value that fits a field."""
    if typing.get_origin(hint) is typing.Annotated:
        meta = next(part for part in hint.__metadata__ if isinstance(part, msgspec.Meta))
        if meta.pattern:
            return SAMPLES[meta.pattern]
        return {int: 1, bool: True, datetime: INSTANT}[hint.__origin__]
    if isinstance(hint, type):
        return hint(**{name: sample(inner) for name, inner in hints_of(hint).items()})
    arguments = [a for a in typing.get_args(hint) if a not in (type(None), Ellipsis)]
    return (sample(arguments[0]),) if typing.get_origin(hint) is tuple else sample(arguments[0])


def event_of(event_type, **changes):
    event_class = EVENTS[event_type]
    values = {name: sample(hint) for name, hint in hints_of(event_class).items()}
    return event_class(**{**values, **changes})


def text_fields(event_type):
    """Names of a type's own fields that carry a string."""
    return [name for name, hint in hints_of(EVENTS[event_type]).items() if isinstance(sample(hint), str)]


class TestWords:
    @pytest.mark.parametrize("event_type", sorted(EVENTS))
    def test_free_text_fits_no_field_of_any_event(self, event_type):
        """Sentences, names with accents, telephone numbers, e-mail addresses, line breaks: refused in every field."""
        check_publishable(event_of(event_type), _route(event_type))
        for name in text_fields(event_type):
            for text in (f"{getattr(event_of(event_type), name)}\n", *FREE_TEXT):
                if name == "sealed" and re.fullmatch("[A-Za-z0-9+/]+", text):
                    # A sealed field is base64, in which some words are bytes.
                    continue
                with pytest.raises(ContractBreachError):
                    check_publishable(event_of(event_type, **{name: text}), _route(event_type))

    @given(st.text(max_size=100))
    @example("alder\n")
    def test_a_reader_refuses_what_a_writer_would(self, text):
        """Bytes that were published some other way do not decode with free text in a code."""
        event_type = "alongside.reporting.share_submitted.v1"
        body = msgspec.to_builtins(event_of(event_type)) | {"host": text}
        fits = re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}", text) is not None
        try:
            msgspec.convert(body, EVENTS[event_type])
        except msgspec.ValidationError:
            assert not fits
        else:
            assert fits

    def test_a_plain_string_field_would_carry_anything(self):
        """Twin: a field that is only a string takes a name and an address."""
        loose = msgspec.defstruct("Loose", [("note", str)])
        assert msgspec.convert({"note": "She came from Hanoi, ring 07700 900123"}, loose).note


class TestWhatLeavesAHost:
    @pytest.mark.parametrize("event_type", FROM_A_HOST)
    def test_nothing_of_a_person_has_a_field(self, event_type):
        """Two halves and a checkpoint: ids, hashes, keys, signatures, the host's own name, sealed bytes; no code of a person.

        And no count but the padded sizes of a log.
        """
        of_a_checkpoint = {
            "offer_id", "size", "root", "at", "before", "proof", "ed25519", "ml_dsa_44", "ed25519_key", "ml_dsa_44_key",
        }  # fmt: skip
        of_a_half = {"report_id", "task_id", "task_hash", "task_signature", "provenance", "sealed", "signature"}
        more = of_a_checkpoint if event_type == CheckpointSubmitted.event_type else of_a_half
        assert set(hints_of(EVENTS[event_type])) <= {"host", "message_signature", *more}

    @pytest.mark.parametrize("event_type", ROUTED)
    def test_nothing_routed_has_a_month_or_a_dimension(self, event_type):
        """No routed type has a referral month, a nationality, a gender or a type of exploitation as a field."""
        words = {"month", "gender", "nationality", "region", "exploitation", "survivor", "person", "contribution"}
        assert not [name for name in _all_names(EVENTS[event_type]) if any(word in name for word in words)]

    @pytest.mark.parametrize("event_type", sorted(set(EVENTS) - set(ROUTED)))
    def test_everything_else_stays_in_its_vhost(self, event_type):
        """An event of the case file has no route out, whatever a service asks for."""
        for route in ROUTES:
            with pytest.raises(ContractBreachError):
                check_publishable(event_of(event_type), route)


class TestUnlistedCodes:
    @given(st.text(max_size=20), st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3))
    def test_no_code_that_is_in_no_list_makes_a_category(self, gender, region, types):
        """Whatever words arrive, a person is counted in the plan's own categories: a vector has no other slot."""
        placed = PLAN.categorise({"gender": gender, "region": region, "exploitation_types": tuple(types)})
        for table in PLAN.tables:
            assert placed[table.id] in {category.code for category in table.levels[0].categories}

    def test_counting_by_the_words_themselves_prints_them(self):
        """Twin: a table keyed by what was written has a row for a typing error, and one for a name."""
        assert Counter(["Albanian", "albanian ", "Jane Doe"])["Jane Doe"] == 1


def _route(event_type):
    return next((route for route, types in ROUTES.items() if event_type in types), "local")


def _all_names(record):
    for name, hint in hints_of(record).items():
        yield name
        for inner in (hint, *typing.get_args(hint)):
            if isinstance(inner, type) and hasattr(inner, "__dataclass_fields__") and not issubclass(inner, Event):
                yield from _all_names(inner)
