"""Every page that a link of ours leads to: it is there, has no barrier, and scrolls nowhere sideways.

Found by following the links of each role from its first page, one page of each shape of address, so that a page that
is added is looked at without a line here.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.kit.driving import PICTURES, assert_accessible, assert_no_sideways_scroll, sign_in, take_pictures
from tests.kit.tenant_place import WORDING

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROLES = ("IMSA", "SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_DPO", "HOST_DATA_LEAD", "HOST_ADMIN")
FEWEST = {"IMSA": 25, "SUPERVISOR": 10, "SAFEGUARDING_LEAD": 1, "HOST_DPO": 10, "HOST_DATA_LEAD": 1, "HOST_ADMIN": 1}
"""How many each finds at least that none before it found; far fewer would mean that the links were not followed."""
MOST = 200
DISCLOSED = {
    "purpose": "SHARE_WITH_LEGAL_REPRESENTATIVE", "recipient_class": "LEGAL_REPRESENTATIVE", "recipient": "Invented Law",
    "means": "POST", "contact": "ONLY_THROUGH_US", "items": [{"data_class": "NRM", "words": "The reference"}],
}  # fmt: skip


@pytest.fixture
def host(browsed_pages):
    """Somebody with a little of everything, so that pages have something to show."""
    place = browsed_pages
    place.clear()
    for role in ROLES:
        place.login(role)
    advocate, now = place.people["IMSA"], datetime.now(UTC)
    place.know_words(WORDING)
    people = [
        place.survivor(name=name, reference=f"R-{name}", safe_contact="Knock twice", advocate_id=advocate)
        for name in ("Ida", "Ola", "Uma")
    ]
    ida, ola, uma = people
    episode = place.episode(survivor_id=ida, advocate_id=advocate)["id"]
    place.give(ida)
    place.give(ola)

    def post(path, body, role="IMSA", **headers):
        answer = place.post(path, body, role, **headers)
        assert answer.status_code in (200, 201), (path, answer.json)
        return answer.json["id"]

    said = {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 20, "areas": ["HOUSING"], "on": "2026-08-20"}
    contact = post(f"/v1/episodes/{episode}/contacts", said)
    post(f"/v1/episodes/{episode}/contacts/{contact}/ask", {"question": "Was it enough?"}, "SUPERVISOR")
    goal = post(f"/v1/episodes/{episode}/goals", {"area": "HOUSING", "words": "A quiet home", "set_by": "SURVIVOR"})
    post(f"/v1/survivors/{ida}/steps", {"what": "Find a solicitor", "due_on": "2199-01-01", "goal_id": goal})
    post(f"/v1/episodes/{episode}/needs", {"about": "HOUSING", "level": "SOME_NEED", "on": "2026-08-02"})
    until = (now + timedelta(hours=2)).isoformat()
    post(f"/v1/survivors/{ida}/visits", {"from_at": now.isoformat(), "until_at": until, "place": "Invented Row"})
    vera = {"name": "Vera Invented", "languages": ["sq"], "gender": "FEMALE", "modes": ["VIDEO"]}
    one = post("/v1/interpreters", {**vera, "from_on": "2026-01-01"}, "SUPERVISOR")
    post(f"/v1/survivors/{ida}/interpreter-wishes", {"language": "sq", "gender": "FEMALE"})
    post(f"/v1/survivors/{ida}/interpreter-nevers", {"name": "Arben Invented"})
    booked = {"interpreter_id": one, "at": until, "mode": "VIDEO", "purpose": "VISIT"}
    post(f"/v1/survivors/{ida}/interpreter-bookings", booked)
    post("/v1/stops", {"survivor_id": ola})
    for kind in ("ACCESS", "ERASURE"):
        post("/v1/rights-cases", {"survivor_id": ida, "kind": kind, "channel": "LETTER"})
    wish = post("/v1/rights-cases", {"survivor_id": uma, "kind": "RESTRICTION", "channel": "LETTER"})
    frozen = {"ground": "ACCURACY", "told": "IN_PERSON_PRIVATE"}
    post(f"/v1/rights-cases/{wish}/restriction", frozen, "HOST_DPO", If_Match='"1"')
    post("/v1/vital-openings", {"survivor_id": uma, "why": "MISSING"})
    emergency = {"survivor_id": ida, "why": "MISSING", "words": "The police rang."}
    post("/v1/emergencies", emergency, "SAFEGUARDING_LEAD")
    post(f"/v1/survivors/{ida}/disclosures", DISCLOSED)
    post(f"/v1/episodes/{episode}/approvals/plan", {"agreement": "WANTS_TIME"})
    post("/v1/information-requests", {"survivor_id": ida, "asked_by": "POLICE_REQUEST"})
    post("/v1/breaches", {"kind": "OTHER", "contents": ["NUMBERS_AND_CODES"]}, "HOST_DPO")
    place.pump()
    place.url = place.serve()
    return place


def shape_of(address):
    """The address with anything that names one thing taken out."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-Q\d|[A-Z][A-Z_]{3,}", "{}", urlsplit(address).path)


def links_of(page, host):
    """The addresses of this host to which a page leads; its own parts, the documents and the way out left aside."""
    found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")
    own = [one for one in found if one.startswith(host.url + "/")]
    return [one for one in own if not re.match(r"/(sign-out|docs|openapi)", urlsplit(one).path)]


def follow(page, host, role, seen):
    """Come to one page of each shape, starting where the role starts; gives the addresses that none came to before."""
    sign_in(page, host, role, "/start")
    waiting = links_of(page, host)
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        shape = shape_of(address)
        if shape in seen:
            continue
        seen.add(shape)
        answer = page.request.get(address)
        assert answer.status == 200, (role, address, answer.status)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page.goto(address)
        yield shape
        waiting += links_of(page, host)


def test_every_page_that_a_link_leads_to_is_there_and_has_no_barrier(host, browser_page):
    """At the width of a telephone at 400 % and of a desk."""
    seen, found = set(), dict.fromkeys(ROLES, 0)
    for role in ROLES:
        for shape in follow(browser_page, host, role, seen):
            found[role] += 1
            for width in (320, 1180):
                browser_page.set_viewport_size({"width": width, "height": 900})
                assert_no_sideways_scroll(browser_page)
            assert_accessible(browser_page)
            if PICTURES:
                take_pictures(browser_page, f"page-{role}-{shape.strip('/').replace('/', '-')}")
    assert len(seen) < MOST
    assert {role: number for role, number in found.items() if number < FEWEST[role]} == {}, found
