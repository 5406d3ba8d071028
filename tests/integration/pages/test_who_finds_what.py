"""Which pages each role finds is as the how-to for a new host says."""

import re

import pytest

from deploy.engines.layout import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "how-to" / "onboard-a-host.md"
ROLES = {
    "administrator": "HOST_ADMIN", "data lead": "HOST_DATA_LEAD", "data protection officer": "HOST_DPO",
    "supervisor": "SUPERVISOR", "safeguarding lead": "SAFEGUARDING_LEAD", "advocate": "IMSA", "triage": "HUB_TRIAGE",
}  # fmt: skip


def told(role):
    """The pages that the how-to gives to a role."""
    rows = re.findall(r"^\| (\*\*.*\*\*) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        name for names, people in rows if role in people.split(", ") for name in re.findall(r"\*\*(.+?)\*\*", names)
    }


@pytest.mark.parametrize("role", ROLES)
def test_each_role_finds_the_pages_that_the_how_to_names(host, role):
    """No page more, none fewer; beside each stands in a sentence what one does there."""
    start = host.browser(ROLES[role]).get("/start").text
    links = start.partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r'<li><a class="govuk-link" href="[^"]*">([^<]*)</a>', links)) == told(role)
    assert len(re.findall(r"</a><br>[A-Z][^<]+[.]</li>", links)) == len(told(role))


def test_the_navigation_shows_a_few_pages_and_keeps_the_others_one_press_away(host):
    """Of many; on a page that is among the others they stand open, so that one sees where one is."""
    dpo = host.browser("HOST_DPO")
    few, others = navigation(dpo.get("/start").text)
    assert len(re.findall("as-nav__link", few)) == 6
    assert f">{others.count('<a ')} more pages<" in others
    assert few.count("<a ") + others.count("<a ") == len(told("data protection officer"))
    assert "<details>" in others
    # What comes up day by day first, the others under headings, each page under one.
    assert re.findall(">([^<]+)</a>", few) == [
        "Rights",
        "Erasures",
        "Requests from outside",
        "Breaches",
        "Withdrawals",
        "Unusual access",
    ]
    parts = others.split('<p class="as-nav__heading"')[1:]
    assert [re.match("[^>]*>([^<]+)<", part)[1] for part in parts] == [
        "Consent",
        "Rights and safety",
        "Who looked",
        "Data and figures",
    ]
    assert sum(part.count("<a ") for part in parts) == others.count("<a ")
    few, others = navigation(dpo.get("/audit").text)
    assert "<details open>" in others
    assert re.search(r'href="/audit" aria-current="page"', others)
    assert "aria-current" not in few


def test_who_has_few_pages_sees_them_all_at_once(host):
    """Nothing to open for one page."""
    few, others = navigation(host.browser("HUB_TRIAGE").get("/start").text)
    assert others == ""
    assert few.count("<a ") == len(told("triage"))


def navigation(text):
    """What stands at the top of a page, and what is kept behind one press."""
    nav = text.partition('<nav class="as-nav"')[2].partition("</nav>")[0]
    few, opened, others = nav.partition('<li class="as-nav__more">')
    return few, opened + others
