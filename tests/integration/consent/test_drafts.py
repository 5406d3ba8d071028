"""Drafts of the conversation: closed, one's own, for some days, and gone with an erasure."""

import contextlib
import json
from datetime import timedelta

import pytest

from services.consent.drafts.commands import KeepDraft, keep_draft
from services.consent.drafts.documents import DRAFTS, KEPT, draft_key
from services.consent.drafts.jobs import drop_old
from services.consent.drafts.sealing import close, open_closed
from services.consent.ledger.errors import SurvivorUnknownError
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.steps import Steps
from tests.kit.racing import ConsentPair

PATH, STATISTICS = "/v1/consent-drafts", "AGGREGATE_STATISTICS"
SAID = {"language": "vi", "method": "VERBAL_IN_PERSON", "setting": "PRIVATE", "months": "6"}


@pytest.fixture
def survivor(place):
    """Somebody whom this host supports."""
    return place.survivor()


def keep(place, survivor, role="SUPERVISOR", **said):
    body = {"survivor_id": survivor, "purpose": STATISTICS, "said": {**SAID, **said}}
    return place.post(PATH, body, role)


def own(place, role="SUPERVISOR"):
    return place.get(PATH, role).json["items"]


class TestKeeping:
    def test_it_is_kept_closed_and_read_by_whoever_typed_it(self, place, survivor):
        """Not even a code of it stands open in the database."""
        kept = keep(place, survivor).json["id"]
        mine = next(one for one in own(place) if one["id"] == kept)
        assert (mine["said"], mine["survivor_id"]) == (SAID, survivor)
        document = place.database("consent")[DRAFTS].find_one({"_id": kept})
        assert "PRIVATE" not in str(document)
        assert b"PRIVATE" not in document["content"]
        assert kept not in [one["id"] for one in own(place, "HOST_DPO")]

    def test_what_is_kept_again_takes_its_place(self, place, survivor):
        """One draft for each survivor and purpose."""
        assert keep(place, survivor).json["id"] == keep(place, survivor, language="pl").json["id"]
        assert [one["said"]["language"] for one in own(place) if one["survivor_id"] == survivor] == ["pl"]

    def test_only_whoever_typed_it_throws_it_away(self, place, survivor):
        """To everybody else it is not there."""
        kept = keep(place, survivor).json["id"]
        assert place.post(f"{PATH}/{kept}/drop", role="HOST_DPO").status_code == 404
        assert place.post(f"{PATH}/{kept}/drop").status_code == 200
        assert kept not in [one["id"] for one in own(place)]
        assert place.post(f"{PATH}/{kept}/drop").status_code == 404

    @pytest.mark.parametrize(
        "said", [{"language": "xx"}, {"months": "13"}, {"setting": "ANY"}, {"decision": "GIVEN"}, {"note": "words"}]
    )
    def test_neither_an_answer_nor_words_are_kept(self, place, survivor, said):
        """Codes of how somebody is asked, and nothing else."""
        assert keep(place, survivor, **said).status_code == 422
        assert [one for one in own(place) if one["survivor_id"] == survivor] == []

    def test_strangers_keep_nothing_of_them(self, place, survivor):
        """An advocate of somebody else, and whoever asks about nobody."""
        assert keep(place, survivor, "IMSA").status_code == 404
        assert keep(place, new_id()).status_code == 404

    def test_it_goes_with_the_decision(self, place, survivor):
        """Whichever way that comes; somebody else's draft stays theirs."""
        place.register_wording()
        mine, others = keep(place, survivor).json["id"], keep(place, survivor, "HOST_DPO").json["id"]
        assert place.give(survivor).status_code == 201
        assert mine not in [one["id"] for one in own(place)]
        assert others in [one["id"] for one in own(place, "HOST_DPO")]

    def test_it_ends_after_its_days(self, place, survivor):
        """It is shown no more, and the job deletes it."""
        kept = keep(place, survivor).json["id"]
        context = place.contexts["consent"]
        steps = Steps(execute=context.committer.execute)
        drop_old(steps, context.client[context.database_name], context.clock)
        assert kept in [one["id"] for one in own(place)]
        place.at(real_now() + KEPT + timedelta(minutes=1))
        try:
            assert kept not in [one["id"] for one in own(place)]
            drop_old(steps, context.client[context.database_name], context.clock)
        finally:
            place.at(None)
        assert place.database("consent")[DRAFTS].find_one({"_id": kept}) is None


class TestErasing:
    def test_no_copy_opens_after_an_erasure(self, tmp_path):
        """The generation of the tenant key that wrapped its key is destroyed."""
        key = TenantKeyFile.create(tmp_path / "tenant.key", "t")
        closed = close(key, SAID, tenant="t", survivor_id="s")
        assert open_closed(key, closed, tenant="t", survivor_id="s") == SAID
        key.prepare_next(expected=1)
        key.switch(expected=1)
        assert open_closed(key, closed, tenant="t", survivor_id="s") == SAID
        key.destroy_before(2)
        assert open_closed(key, closed, tenant="t", survivor_id="s") is None

    def test_it_names_the_generation_that_wrapped_it(self, tmp_path, monkeypatch):
        """Also where the tenant key is replaced in the very moment after."""
        key = TenantKeyFile.create(tmp_path / "tenant.key", "t")
        monkeypatch.setattr(TenantKeyFile, "generation", property(lambda _self: 2))
        assert open_closed(key, close(key, SAID, tenant="t", survivor_id="s"), tenant="t", survivor_id="s") == SAID

    @pytest.mark.parametrize("other", [{"tenant": "u"}, {"survivor_id": "r"}])
    def test_it_opens_at_no_other_place(self, tmp_path, other):
        """Of no other survivor, and at no other host."""
        key = TenantKeyFile.create(tmp_path / "tenant.key", "t")
        closed = close(key, SAID, tenant="t", survivor_id="s")
        assert open_closed(key, closed, **{"tenant": "t", "survivor_id": "s", **other}) is None
        assert json.dumps(SAID).encode() not in closed.content

    @pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
    def test_a_draft_that_meets_an_erasure_is_gone(self, engines, tmp_path, turned):
        """Whichever of the two read first and committed last."""
        pair = ConsentPair(engines)
        try:
            key, survivor = TenantKeyFile.create(tmp_path / "tenant.key", pair.tenant), new_id()
            closed = close(key, SAID, tenant=pair.tenant, survivor_id=survivor)
            command = KeepDraft(survivor_id=survivor, purpose=STATISTICS, closed=closed, actor_id="a")
            steps = (pair.command(lambda work: keep_draft(command, work)), pair.erases(survivor))
            with contextlib.suppress(SurvivorUnknownError):
                assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
            assert pair.database[DRAFTS].count_documents({}) == 0
            with pytest.raises(SurvivorUnknownError):
                steps[0]()
        finally:
            pair.close()


def test_each_member_of_staff_has_their_own():
    """And each purpose, and each survivor."""
    keys = {draft_key(one, two, three) for one in "sr" for two in "pq" for three in "ab"}
    assert len(keys) == 8
