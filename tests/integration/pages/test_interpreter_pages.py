"""The pages of interpreters: the register, and one person's needs, nevers, bookings and who may, with reasons."""

import re
from datetime import UTC, datetime

import pytest

from tests.kit.page_browser import fields_of, words

NOW = datetime(2026, 9, 1, 13, tzinfo=UTC)
VERA = {
    "name": "Vera <b> Hoti", "languages": "sq", "gender": "MALE", "modes": "TELEPHONE", "from_on_day": "1",
    "from_on_month": "1", "from_on_year": "2026",
}  # fmt: skip
THEN = {
    "on_day": "4", "on_month": "9", "on_year": "2026", "clock": "14:30", "mode": "TELEPHONE", "purpose": "VISIT",
}  # fmt: skip


@pytest.fixture
def person(host):
    """The page of somebody of the advocate who signs in, on 1 September, and one interpreter."""
    host.at(NOW)
    host.login("IMSA")
    survivor = host.survivor(name="Ida <i>", advocate_id=host.people["IMSA"])
    supervisor = host.browser("SUPERVISOR")
    assert supervisor.send("/interpreters", "/interpreters", **VERA).headers["Location"] == "/interpreters?done=added"
    return f"/support/{survivor}/interpreting"


def the_interpreter(host):
    (row,) = host.get("/v1/interpreters").json["items"]
    return f"/interpreters/{row['id']}"


def book(advocate, person, **said):
    """Press a button that stands only where somebody may; of others as somebody would who made it up."""
    return advocate.post(f"{person}/book", **{**fields_of(advocate.get(person).text, f"{person}/who"), **THEN, **said})


def test_the_register_is_kept_on_a_page(host, person):
    """What is typed wrongly stays and is said; an emptied field is taken away; a tie is noted and ends."""
    supervisor, one = host.browser("SUPERVISOR"), the_interpreter(host)
    wrong = supervisor.send("/interpreters", "/interpreters", name="Planted", from_on_day="40")
    assert wrong.status_code == 422
    assert "Choose at least one language" in words(wrong.text)
    assert 'value="Planted"' in wrong.text
    listed = words(supervisor.get("/interpreters").text)
    assert "Vera <b> Hoti Albanian. Male; by telephone. From 1 January 2026 ." in listed
    changed = {**VERA, "agency": "Planted Agency"}
    assert supervisor.send(one, f"{one}/change", **changed).headers["Location"] == f"{one}?done=changed"
    assert host.get(f"/v1{one}").json["agency"] == "Planted Agency"
    assert supervisor.send(one, f"{one}/change", **{**VERA, "agency": ""}).status_code == 303
    assert host.get(f"/v1{one}").json["agency"] is None
    assert supervisor.send(one, f"{one}/tie", kind="", who="").status_code == 422
    assert supervisor.send(one, f"{one}/tie", kind="FRIEND_OF", who="Arben <b>").status_code == 303
    page = supervisor.get(one).text
    assert "Friend of Arben <b>" in words(page)
    (end,) = re.findall(rf'action="({one}/ties/[^"]+)"', page)
    assert supervisor.send(one, end).status_code == 303
    assert "holds no more since 1 September 2026" in words(supervisor.get(one).text)
    assert host.browser("HOST_ADMIN").get("/interpreters").status_code == 200
    assert host.browser("IMSA").get("/interpreters").status_code in (403, 404)


def test_from_what_they_need_to_a_booking_and_a_never(host, person):
    """With reasons in words; agreed for this once; a never makes a task of it and cannot be overridden."""
    advocate = host.browser("IMSA")
    one = the_interpreter(host).split("/")[-1]
    assert "Until their language is, nobody can be booked" in words(advocate.get(person).text)
    wished = advocate.send(person, f"{person}/wish", language="sq", gender="FEMALE", community_rule="AVOID")
    assert wished.status_code == 422
    assert "Say which community" in words(wished.text)
    done = advocate.send(person, f"{person}/wish", language="sq", gender="FEMALE", dialect="", why="")
    assert done.headers["Location"] == f"{person}?done=wish"
    assert "Gender A woman" in words(advocate.get(person).text)
    assert advocate.send(person, f"{person}/who", **{**THEN, "clock": "x"}).status_code == 422
    asked = advocate.send(person, f"{person}/who", **THEN)
    assert "Vera <b> Hoti May not not of the gender that they wish." in words(asked.text)
    refused = book(advocate, person, interpreter=one)
    assert refused.status_code == 422
    assert "may not interpret for them: not of the gender that they wish" in words(refused.text)
    booked = book(advocate, person, interpreter=one, agreed="yes")
    assert booked.headers["Location"] == f"{person}?done=booked"
    page = words(advocate.get(person).text)
    assert "4 September 2026, 14:30 : Vera <b> Hoti Booked A visit, by telephone. They agreed themselves" in page
    assert advocate.send(person, f"{person}/never").status_code == 422
    assert advocate.send(person, f"{person}/never", name="hoti, VERA b", never_why="SURVIVOR_SAID").status_code == 303
    page = advocate.get(person).text
    assert "Find somebody else A visit, by telephone. Because: they said: never this person" in words(page)
    assert "Find somebody else to interpret before 4 September, 14:30" in words(advocate.get("/due").text)
    late = book(advocate, person, interpreter=one, agreed="yes")
    assert "they said: never this person" in words(late.text)
    (cancel,) = re.findall(rf'action="({person}/bookings/[^"]+/cancel)"', page)
    (end,) = re.findall(rf'action="({person}/nevers/[^"]+)"', page)
    assert advocate.send(person, cancel).status_code == 303
    assert advocate.send(person, end).status_code == 422
    assert advocate.send(person, end, why="WRITTEN_WRONGLY").status_code == 303
    assert "this stands no more" in words(advocate.get(person).text)


def test_the_hand_over_says_what_they_need_and_whom_never(host, person):
    """Whoever takes over reads it at one look."""
    survivor = person.split("/")[2]
    host.post(f"/v1/survivors/{survivor}/interpreter-wishes", {"language": "sq", "gender": "FEMALE", "dialect": "Gheg"})
    host.post(f"/v1/survivors/{survivor}/interpreter-nevers", {"name": "Arben <b>", "why": "FAMILY"})
    page = words(host.browser("IMSA").get(f"/support/{survivor}/handover").text)
    assert "Language Albanian Dialect Gheg Gender A woman" in page
    assert "Never Arben <b> . Family." in page
    pack = host.get(f"/v1/survivors/{survivor}/handover").json["interpreting"]
    assert (pack["wish"]["dialect"], [one["name"] for one in pack["nevers"]]) == ("Gheg", ["Arben <b>"])
    link = f'href="/support/{survivor}/interpreting"'
    assert link in host.browser("IMSA").get(f"/support/{survivor}").text


def test_a_stranger_finds_nothing(host, person):
    """Another advocate, and whoever has no such work."""
    host.login("IMSA")
    other = host.survivor(advocate_id="0192f0c8-0000-7000-8000-000000000001")
    assert host.browser("IMSA").get(f"/support/{other}/interpreting").status_code == 404
    assert host.browser("HOST_ADMIN").get(person).status_code in (403, 404)
