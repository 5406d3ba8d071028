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
