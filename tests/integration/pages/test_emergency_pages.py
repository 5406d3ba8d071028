"""The pages of emergency access: whoever opens, whoever looks at it afterwards, and who never opens whose record."""

import re

import pytest

from services.case.emergencies.commands import OpenInEmergency
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, words

PAGE, EVERY = "/emergency", "/emergencies"


@pytest.fixture
def survivor(host):
    """Somebody of nobody who signs in here; what these people opened before is forgotten."""
    for role in ("IMSA", "SAFEGUARDING_LEAD", "SUPERVISOR", "HOST_DPO"):
        host.login(role)
    host.database("case")["emergency_tries"].delete_many({})
    return host.survivor(name="Ida Planted", safe_contact="Only on Tuesdays", advocate_id=new_id())


def opened(host, survivor):
    """Where the advocate sees what they opened on the page."""
    advocate = host.browser("IMSA")
    sent = advocate.send(PAGE, PAGE, person=survivor, why="MISSING", words="Planted words of why.")
    assert sent.status_code == 303, words(sent.text)
    return re.fullmatch(rf"({PAGE}/([0-9a-f-]{{36}})/record)", sent.headers["Location"]), advocate


def test_an_advocate_opens_what_keeps_somebody_safe(host, survivor):
    """With a reason and words, which stay where something is missing; of nobody there is nothing."""
    found, advocate = opened(host, survivor)
    shown = words(advocate.get(found[1]).text)
    assert "Only on Tuesdays" in shown
    assert "Nobody wrote any down" in shown
    assert advocate.get(f"/support/{survivor}").status_code == 404
    assert host.browser("SAFEGUARDING_LEAD").get(found[1]).status_code == 404
    unsaid = advocate.send(PAGE, PAGE, person=survivor, why="", words="Planted words that stay")
    assert unsaid.status_code == 422
    assert "Planted words that stay" in unsaid.text
    nobody = advocate.send(PAGE, PAGE, person=new_id(), why="MISSING", words="x")
    assert nobody.status_code == 404
    assert audited(host, "case", action=OpenInEmergency.action, actor_id=host.people["IMSA"], object_id=survivor)


def test_somebody_else_looks_at_it(host, survivor):
    """It waits on the lead's page, with what happened; then it stands among those that somebody looked at."""
    found, advocate = opened(host, survivor)
    lead, one = host.browser("SAFEGUARDING_LEAD"), f"{EVERY}/{found[2]}"
    assert one in lead.get(EVERY).text
    assert "Planted words of why." in words(lead.get(one).text)
    assert lead.send(one, one, outcome="", words="").status_code == 422
    done = lead.send(one, one, outcome="RIGHT", words="Planted words of a review.")
    assert done.status_code == 303
    shown = words(lead.get(done.headers["Location"]).text)
    assert "Planted words of a review." in shown
    assert "It was right" in shown
    assert one not in lead.get(EVERY).text
    assert one in host.browser("HOST_DPO").get(f"{EVERY}?reviewed=yes").text
    assert advocate.get(one).status_code == 404


def test_whoever_is_named_finds_nobody(host, survivor):
    """A supervisor names them by name; what they opened before closes at once; a reviewer ends it."""
    found, advocate = opened(host, survivor)
    supervisor, page = host.browser("SUPERVISOR"), f"{PAGE}/never/{survivor}"
    assert f'href="{page}"' in supervisor.get(f"/support/{survivor}").text
    shown = supervisor.get(page).text
    assert "Pat Imsa" in shown
    assert f'href="/support/{survivor}"' in shown
    assert supervisor.send(page, page, staff="", ground="").status_code == 422
    assert supervisor.send(page, page, staff=host.people["IMSA"], ground="KNOWS_THEM").status_code == 303
    assert advocate.get(found[1]).status_code == 404
    again = advocate.send(PAGE, PAGE, person=survivor, why="MISSING", words="x")
    assert again.status_code == 404
    assert advocate.get(page).status_code == 404
    lead = host.browser("SAFEGUARDING_LEAD")
    assert f'href="/support/{survivor}"' not in lead.get(page).text
    (end,) = re.findall(rf'action="({page}/[0-9a-f-]{{36}}/end)"', lead.get(page).text)
    assert lead.send(page, end).status_code == 303
    assert "Nobody is named" in words(lead.get(page).text)
