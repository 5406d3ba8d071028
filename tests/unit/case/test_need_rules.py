"""Needs and risks with history: the newest stands, the older stay, and nothing is added up."""

from datetime import UTC, datetime, timedelta

from services.case.contacts.rules import Writer
from services.case.needs.rules import Risk, histories
from services.case.needs.words import weighed_words
from shared.codelists.lists import DECLINED, get
from shared.kernel.ids import new_id

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def risk(about, level, *, day=0, **more):
    by = Writer(actor_id="ann", role="IMSA", at=AT + timedelta(days=day))
    return Risk.written(new_id(), "s", "e", {"about": about, "level": level, **more}, by)


def test_of_each_risk_the_newest_stands_and_the_older_are_beside_it():
    """Risks do not mix; that which was weighed last comes first; in whatever order they are read."""
    one, two, three = (risk("DESTITUTION_OR_HOMELESSNESS", level, day=day) for day, level in enumerate(("HIGH", "LOW", "MEDIUM")))  # fmt: skip
    other = risk("STAFF_SAFETY", "IMMEDIATE", day=1)
    found = histories([three, one, other, two])
    assert [(each.about, each.now, each.earlier) for each in found] == [
        ("DESTITUTION_OR_HOMELESSNESS", three, (two, one)), ("STAFF_SAFETY", other, ()),
    ]  # fmt: skip


def test_what_was_taken_back_lets_the_older_stand():
    """As if it had not been weighed."""
    old, new = risk("HEALTH_CRISIS", "LOW"), risk("HEALTH_CRISIS", "HIGH", day=1)
    back = new.withdrawn(why="ANOTHER_PERSON", by=Writer(actor_id="ann", role="IMSA", at=AT))
    (found,) = histories([old, new, back])
    assert (found.now, found.earlier) == (old, ())


def test_their_own_view_is_never_filled_from_the_advocates():
    """Not said, not asked, declined and not known have words of their own."""
    views = (None, *DECLINED, "HIGH")
    said = {weighed_words(vars(risk("HEALTH_CRISIS", "HIGH", view=view)), "risks")["beside"][0] for view in views}
    assert len(said) == len(views)
    assert set(DECLINED) < set(get("risk_view").codes)
    assert "NOT_ASSESSED" not in get("risk_view").codes
