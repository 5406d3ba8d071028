"""Somebody new: a search first, then whether it is one of these, and only then a referral; and records that are alike."""

import re

import pytest

from tests.kit.page_browser import audited, fields_of, words

NEW = "/somebody-new"
REFERRAL = {
    "safe_contact": "Text 07700 900123 after six", "referral_date_day": "4", "referral_date_month": "8",
    "referral_date_year": "2026", "referral_source": "SELF", "age_band": "AGE_25_34", "gender": "FEMALE",
    "nationality": "Viet Nam", "exploitation_types": ["LABOUR", "DOMESTIC"], "nation": "WALES",
}  # fmt: skip


@pytest.fixture
def advocate(host):
    return host.browser("IMSA")


def look(browser, **typed):
    return browser.send(NEW, f"{NEW}/search", **typed)


def form_of(browser, results):
    """Go on from what was found to the form."""
    return browser.post(f"{NEW}/referral", **fields_of(results.text, f"{NEW}/referral"))


def open_referral(browser, page, **changed):
    return browser.post(f"{NEW}/open", **{**fields_of(page.text, f"{NEW}/open"), **REFERRAL, **changed})


def survivors(host):
    return host.database("case")["survivors"].count_documents({})


def test_somebody_who_is_not_known_gets_a_referral(host, advocate):
    """Searched, not found, written down once: theirs, referred, and found from now on; each step is audited."""
    results = look(advocate, name="Ida Planted", telephone="07700 900123", reference="R-7")
    assert "Nobody was found" in results.text
    page = form_of(advocate, results)
    assert "Name Ida Planted Own reference R-7" in words(page.text)
    # A number to search by is not by itself one that is safe to call.
    assert "07700" not in page.text
    answer = open_referral(advocate, page)
    assert answer.status_code == 303
    survivor, episode = re.fullmatch(r"/support/([^/]+)/episodes/([^/]+)", answer.headers["Location"]).groups()
    told = words(advocate.get(answer.headers["Location"]).text)
    assert "Where it stands Referred" in told
    assert "4 August 2026 , Self" in told
    assert "Ida Planted" in words(advocate.get("/support").text)
    assert host.get(f"/v1/survivors/{survivor}").json["safe_contact"] == REFERRAL["safe_contact"]
    assert host.get(f"/v1/episodes/{episode}").json["exploitation_types"] == ["DOMESTIC", "LABOUR"]
    assert host.stated("case", "episode_opened.v1") == []
    me = host.people["IMSA"]
    assert audited(host, "case", action="case:survivor:search", actor_id=me)
    assert audited(host, "case", action="case:referral:open", actor_id=me, object_id=survivor)
    again = look(advocate, telephone="+44 7700 900123")
    assert f'href="/support/{survivor}"' in again.text
    assert "Alike: the telephone number. Support: Referred." in words(again.text)
    # The same form again, and once more after going back: one person.
    assert open_referral(advocate, page).headers["Location"] == answer.headers["Location"]
    back = form_of(advocate, results)
    assert open_referral(advocate, back).headers["Location"] == answer.headers["Location"]
    assert survivors(host) == 1


def test_what_is_found_is_asked_about_without_what_is_kept(host, advocate):
    """How it matched and where support stands; neither a name nor a number comes back, and nobody else's person."""
    host.survivor(name="Ola Planted", safe_contact="07700 900222", advocate_id=host.people["IMSA"])
    host.survivor(name="Ola Planted", safe_contact="07700 900333")
    results = look(advocate, telephone="07700 900222", name="ola planted")
    told = words(results.text)
    assert "Is it one of these people?" in told
    assert told.count("Open person") == 1
    assert "Alike: the name, the telephone number. No support was opened yet." in told
    assert "Ola" not in told
    assert "07700" not in told
    assert words(look(host.browser("SUPERVISOR"), name="ola planted").text).count("Open person") == 2


def test_a_supervisors_referral_waits_without_an_advocate(host):
    """And stands under Waiting."""
    supervisor = host.browser("SUPERVISOR")
    assert open_referral(supervisor, form_of(supervisor, look(supervisor, name="Una Planted"))).status_code == 303
    assert "Una Planted" in supervisor.get("/unassigned").text
    assert "1 person waits" in words(supervisor.get("/waiting").text)


class TestWithoutAProof:
    @pytest.mark.parametrize("target", [f"{NEW}/referral", f"{NEW}/open"])
    @pytest.mark.parametrize("proof", [None, "", "AAAA", "é"])
    def test_no_form_and_no_referral(self, host, advocate, target, proof):
        """The search is asked for; nobody is written down."""
        hidden = fields_of(advocate.get(NEW).text, f"{NEW}/search")
        answer = advocate.post(target, **hidden, **REFERRAL, **({} if proof is None else {"proof": proof}))
        assert answer.status_code == 422
        assert "Search first." in answer.text
        assert survivors(host) == 0

    def test_somebody_elses_search_is_none(self, host, advocate):
        """It counts for whoever made it."""
        page = form_of(advocate, look(advocate, name="Mia Planted"))
        proof = fields_of(page.text, f"{NEW}/open")["proof"]
        supervisor = host.browser("SUPERVISOR")
        hidden = fields_of(supervisor.get(NEW).text, f"{NEW}/search")
        assert supervisor.post(f"{NEW}/open", **hidden, **REFERRAL, proof=proof).status_code == 422
        assert survivors(host) == 0

    def test_a_search_that_did_not_reach_everybody_proves_nothing(self, host, advocate):
        """As while an import's people cannot be found yet; it says what to do."""
        gone = host.survivor(name="Early Planted")
        host.database("case")["survivors"].update_one({"_id": gone}, {"$unset": {"marked_under": ""}})
        results = look(advocate, name="Ida Planted")
        assert f"{NEW}/referral" not in results.text
        assert "Not everybody could be looked through" in results.text


@pytest.mark.parametrize(
    ("changed", "target"),
    [({"referral_date_day": "32"}, "referral_date"), ({"referral_date_year": "2099"}, "referral_date"),
     ({"age_band": ""}, "age_band"), ({"age_band": "CHILD_17_UNDER"}, "age_band"), ({"age_band": "NOT_KNOWN"}, "age_band"),
     ({"gender": "X"}, "gender"), ({"nationality": "Atlantis"}, "nationality"), ({"nationality": ""}, "nationality"),
     ({"exploitation_types": []}, "exploitation_types"), ({"nation": ""}, "nation"),
     ({"referral_source": "X"}, "referral_source"), ({"safe_contact": "x" * 501}, "safe_contact")],
)  # fmt: skip
def test_what_a_referral_needs_is_said_and_what_was_typed_stays(host, advocate, changed, target):
    """Nobody is written down, and the search still counts."""
    page = form_of(advocate, look(advocate, name="Ida Planted"))
    again = open_referral(advocate, page, **changed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert survivors(host) == 0
    if target != "nationality":
        assert 'value="Viet Nam"' in again.text
    assert open_referral(advocate, again).status_code == 303


@pytest.mark.parametrize(
    ("typed", "target"), [({}, "name"), ({"name": "x"}, "name"), ({"name": "Ida", "telephone": "none"}, "telephone")]
)
def test_what_cannot_be_looked_for_is_said(advocate, typed, target):
    """What was typed stays."""
    again = look(advocate, **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert f'value="{typed.get("name", "")}"' in again.text


def test_the_pages_are_for_casework_alone(host, advocate):
    """Others find nothing there; an advocate sees no pairs."""
    for role in ("HOST_DPO", "HOST_ADMIN"):
        assert host.browser(role).get(NEW).status_code == 404
    assert advocate.get("/perhaps-the-same").status_code == 404


def test_two_records_of_one_name_are_a_supervisors_question(host, advocate):
    """A colleague's person shows no sign to the advocate who writes them down again; the supervisor answers."""
    host.survivor(name="Tia Planted", reference="T-1")
    assert open_referral(advocate, form_of(advocate, look(advocate, name="planted tia"))).status_code == 303
    supervisor = host.browser("SUPERVISOR")
    page = supervisor.get("/perhaps-the-same").text
    shown = words(page)
    assert "The same name" in shown
    # In whichever order: ids are drawn.
    assert all(name in shown for name in ("Tia Planted", "planted tia"))
    (target,) = set(re.findall(r'action="(/perhaps-the-same/[^"]+)"', page))
    assert supervisor.send("/perhaps-the-same", target, answer="X").status_code == 422
    answer = supervisor.send("/perhaps-the-same", target, answer="SAME_PERSON")
    assert "There is nothing to look at." in words(supervisor.get(answer.headers["Location"]).text)
    assert survivors(host) == 2
