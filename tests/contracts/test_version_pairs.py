"""A rolling upgrade runs old and new side by side: all four pairs of one who states and one who hears understand.

A newer version of an event adds optional fields and nothing else (``incompatibilities`` refuses the rest).
"""

import dataclasses
import typing
from datetime import UTC, datetime
from types import UnionType

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bus import codec
from shared.contracts.checks import check_publishable, hints_of
from shared.contracts.fields import LATER_KEY_PATTERN, LATER_SIGNATURE_PATTERN, Code
from shared.contracts.registry import EVENTS, LOCAL
from shared.contracts.schemas import _json_schema, incompatibilities, schema_of
from shared.kernel.ids import new_event_id
from shared.kernel.tenancy import TenantId

TENANT = TenantId("elm")
TYPES = sorted(EVENTS)
LONG = {LATER_KEY_PATTERN: 1312, LATER_SIGNATURE_PATTERN: 2420}
"""Bytes of the hexadecimal ones."""
QUICKLY = settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def newer(cls):
    """The same event one version later, with a field more."""
    made = dataclasses.make_dataclass(
        cls.__name__,
        [("later_code", Code | None, dataclasses.field(default=None))],
        bases=(cls,),
        frozen=True,
        kw_only=True,
    )
    made.__module__ = cls.__module__
    return made


def values(hint):
    """Values of one kind of field."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, UnionType):
        return st.one_of(*(st.none() if part is type(None) else values(part) for part in typing.get_args(hint)))
    if origin is tuple:
        return st.lists(values(typing.get_args(hint)[0]), max_size=2).map(tuple)
    if dataclasses.is_dataclass(hint):
        return events(hint)
    base = typing.get_args(hint)[0]
    meta = next(part for part in hint.__metadata__ if isinstance(part, msgspec.Meta))
    return {
        bool: st.booleans,
        int: lambda: st.integers(meta.ge, meta.le),
        datetime: lambda: st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        str: lambda: _texts(meta.pattern),
    }[base]()


def _texts(pattern):
    length = LONG.get(pattern)
    # A draw a digit is too many draws for the longest ones.
    if length is None:
        return st.from_regex(pattern, fullmatch=True)
    return st.binary(min_size=1, max_size=1).map(lambda drawn: (drawn * length).hex())


def events(cls):
    """Instances of an event or of a record inside one."""
    return st.builds(cls, **{name: values(hint) for name, hint in hints_of(cls).items()})


def state(event):
    """An event as its bytes go to the broker."""
    row = {"id": new_event_id(), "type": event.event_type, "subject": event.subject, "sequence": 1}
    return codec.encode(
        event={**row, "body": msgspec.json.encode(event)},
        tenant_id=TENANT,
        recorded_at=datetime.now(UTC),
        broker_user=f"{TENANT}.{event.source}",
        streams={"consumer": 1},
    )


def hear(envelope, source):
    """The fact as a consumer reads it."""
    return codec.decode(
        headers=envelope.headers,
        properties=envelope.properties,
        body=envelope.body,
        consumer="consumer",
        allowed_tenants=frozenset({TENANT}),
        allowed_users=frozenset({f"{TENANT}.{source}"}),
        own_user=f"{TENANT}.consumer",
        operator="operator",
    ).event


@pytest.fixture(params=["old", "new"])
def consumer(request, monkeypatch):
    """Lets the codec know an event type as the old or as the new version has it."""

    def know(cls):
        monkeypatch.setitem(EVENTS, cls.event_type, cls if request.param == "old" else newer(cls))
        codec._decoders.pop(cls.event_type, None)
        return request.param

    yield know
    codec._decoders.clear()


@pytest.mark.parametrize("producer", ["old", "new"])
@pytest.mark.parametrize("event_type", TYPES)
def test_each_of_the_four_pairs_understands(event_type, producer, consumer):
    """What both know arrives as it was stated; what only one knows is left out, or takes its default."""
    old = EVENTS[event_type]
    known = consumer(old)
    stating = old if producer == "old" else newer(old)

    @QUICKLY
    @given(events(stating))
    def hold(stated):
        heard = hear(state(stated), old.source)
        for name in hints_of(old):
            assert getattr(heard, name) == getattr(stated, name)
        if known == "new":
            assert heard.later_code == getattr(stated, "later_code", None)
        else:
            assert not hasattr(heard, "later_code")

    hold()


@pytest.mark.parametrize("event_type", TYPES)
def test_a_grown_event_is_compatible_and_may_be_published(event_type, monkeypatch):
    """The rule for snapshots, the machine check and marshmallow all allow an optional field with a default."""
    old = EVENTS[event_type]
    grown = newer(old)
    assert incompatibilities(_json_schema(old), _json_schema(grown)) == []
    assert "later_code" not in schema_of(grown)().validate({})
    if event_type.startswith("alongside.case."):
        monkeypatch.setitem(EVENTS, event_type, grown)

        @QUICKLY
        @given(events(grown))
        def publish(event):
            check_publishable(event, LOCAL)

        publish()
