"""Whom to talk with again: before a yes ends, after one with support, and since they may decide by now."""

from datetime import timedelta

import pytest

from services.consent.timers.jobs import work_out_all
from services.consent.timers.policy import COOLING, lines
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.runtime.steps import Steps
from tests.kit.page_browser import audited, words

PAGE, API, PEOPLE = "/consents/talk-again", "/v1/consents/to-talk-about", "/consents/people"
DAY = timedelta(days=1)


@pytest.fixture
def survivor(host):
    """Somebody with an episode, whose advocate is the one who signs in; the words are registered."""
    host.login("IMSA")
    host.register_wording()
    yield host.episode(advocate_id=host.people["IMSA"])["survivor_id"]
    host.at(None)


def due(host, survivor, role="SUPERVISOR"):
    """Why somebody stands on the list."""
    return [one["why"] for one in host.get(API, role).json["items"] if one["survivor_id"] == survivor]


class TestList:
    def test_a_yes_is_talked_about_before_it_ends_and_ends_by_itself(self, host, survivor):
        """Four weeks before the end it stands there, renewed it does not, and after its last day it is no yes."""
        host.give(survivor)
        assert due(host, survivor) == []
        host.at(real_now() + 340 * DAY)
        assert due(host, survivor) == ["ENDS_SOON"]
        host.give(survivor)
        assert due(host, survivor) == []
        host.at(real_now() + (340 + 366) * DAY)
        assert due(host, survivor) == []
        assert "Until" not in words(host.browser("SUPERVISOR").get(f"{PEOPLE}/{survivor}").text)

    def test_a_yes_with_support_is_confirmed_once(self, host, survivor):
        """After two weeks, and no more once they said it again."""
        host.give(survivor, capacity="DECIDED_WITH_SUPPORT")
        assert due(host, survivor) == []
        host.at(real_now() + 15 * DAY)
        assert due(host, survivor) == ["GIVEN_WITH_SUPPORT"]
        host.give(survivor, capacity="DECIDED_WITH_SUPPORT")
        assert due(host, survivor) == []

    def test_whether_they_can_decide_is_asked_anew(self, host, survivor):
        """After a month; a yes on the heels of such a moment is refused, a no is not."""
        host.give(survivor)
        assert host.give(survivor, decision="CAPACITY_NOT_ESTABLISHED").status_code == 201
        early = host.give(survivor)
        assert (early.status_code, early.json["code"]) == (409, "yes-too-early")
        assert due(host, survivor) == []
        host.at(real_now() + 31 * DAY)
        assert due(host, survivor) == ["CAPACITY_AGAIN"]
        assert host.give(survivor).status_code == 201
        assert due(host, survivor) == []

    def test_a_no_is_never_too_early(self, host, survivor):
        """It needs no time to cool off."""
        host.give(survivor, decision="CAPACITY_NOT_ESTABLISHED")
        assert host.give(survivor, decision="REFUSED").status_code == 201

    def test_a_ledger_of_before_is_worked_out_by_the_job(self, host, survivor):
        """Also one that an older policy worked out."""
        host.give(survivor, valid_until=(real_now() + 3 * DAY).isoformat())
        consents = host.database("consent")["consents"]
        consents.update_one({"survivor_id": survivor}, {"$unset": {"talk_at": "", "talk_policy": ""}})
        assert due(host, survivor) == []
        context = host.contexts["consent"]
        work_out_all(Steps(execute=context.committer.execute), context.client[context.database_name])
        assert due(host, survivor) == ["ENDS_SOON"]

    def test_the_list_is_read_on_its_index(self, host):
        """However many ledgers there are."""
        plan = host.database("consent")["consents"].find({"talk_at": {"$ne": None, "$lte": real_now()}})
        assert "COLLSCAN" not in str(plan.sort([("talk_at", 1), ("_id", 1)]).explain()["queryPlanner"]["winningPlan"])


class TestWho:
    def test_an_advocate_sees_their_own(self, host, survivor):
        """And nobody of somebody else's."""
        host.give(survivor, valid_until=(real_now() + 3 * DAY).isoformat())
        page = words(host.browser("IMSA").get(PAGE).text)
        assert "Their yes ends soon" in page
        assert due(host, survivor, "SUPERVISOR") == ["ENDS_SOON"]
        stranger = host.headers("IMSA", actor=new_id())
        assert host.app.test_client().get(API, headers=stranger).json["items"] == []

    @pytest.mark.parametrize("role", ["SUPERVISOR", "HOST_DPO"])
    def test_the_page_shows_all_of_the_host(self, host, survivor, role):
        """With the way to each of them, and the law of each nation; the visit is audited."""
        host.give(survivor, valid_until=(real_now() + 3 * DAY).isoformat())
        text = host.browser(role).get(PAGE).text
        assert f'href="{PEOPLE}/{survivor}"' in text
        assert "Adults with Incapacity (Scotland) Act 2000" in text
        assert audited(host, "consent", action="consent:consent:to-talk-about", actor_id=host.people[role])

    def test_others_do_not_find_it(self, host):
        """Nobody else may ask anybody."""
        assert host.get(API, "HOST_DATA_LEAD").status_code == 404

    def test_the_policy_is_there_to_read(self, host):
        """Each line with its source, and whether it is confirmed."""
        told = host.get("/v1/consent-policy", "IMSA").json
        assert {(one["key"], one["nation"]) for one in told["items"]} == {(one.key, one.nation) for one in lines()}
        assert next(one["value"] for one in told["items"] if one["key"] == COOLING) == 24
