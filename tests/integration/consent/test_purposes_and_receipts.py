"""Purposes with their basis, what would be shared, and receipts, over HTTP."""

from dataclasses import replace

import jsonschema
import pytest

from services.consent.purposes.register import PURPOSES
from services.consent.receipts.receipt import schema
from services.consent.wordings.commands import RegisterWording, register_wording
from services.consent.wordings.routes import routes
from shared.kernel.ids import new_id
from shared.outbox.commands import Command

BASIS = {
    "article6": "LEGITIMATE_INTERESTS_6_1_F", "article9": "EXPLICIT_CONSENT_9_2_A", "controller": "Host Rowan",
    "contact": "By telephone, through the office", "keeps_months": 96,
}  # fmt: skip
STATISTICS, PANEL = "AGGREGATE_STATISTICS", "SURVIVOR_PANEL_INVITATION"


@pytest.fixture
def survivor(place):
    """Somebody with an open episode, in a host whose words are registered."""
    place.register_wording()
    return place.episode()["survivor_id"]


def purpose(place, code):
    (found,) = [one for one in place.get("/v1/consent-purposes").json["items"] if one["code"] == code]
    return found


class TestBasis:
    def test_the_last_statement_counts_and_earlier_ones_stay(self, place):
        """Each purpose has its own; a gap is shown as one."""
        place.database("consent")["purpose_bases"].delete_many({})
        assert [one["code"] for one in place.get("/v1/consent-purposes").json["items"]] == list(PURPOSES)
        assert purpose(place, PANEL)["basis"] is None
        path = f"/v1/consent-purposes/{PANEL}/basis"
        for months in (12, 24):
            assert place.post(path, {**BASIS, "keeps_months": months}, "HOST_DPO").status_code == 201
        assert purpose(place, PANEL)["basis"]["keeps_months"] == 24
        assert purpose(place, STATISTICS)["basis"] is None
        kept = place.database("consent")["purpose_bases"].find_one({"_id": PANEL})["statements"]
        assert [(one["keeps_months"], one["stated_by"]) for one in kept] == [
            (12, place.actor("HOST_DPO")), (24, place.actor("HOST_DPO")),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("name", "value"),
        [("article6", "BECAUSE"), ("article9", None), ("controller", ""), ("controller", "x" * 301), ("contact", 7),
         ("keeps_months", 0), ("keeps_months", 601), ("keeps_months", "12"), ("keeps_months", 1.5)],
    )  # fmt: skip
    def test_a_bad_field_is_pointed_at(self, place, name, value):
        """Nothing is stated."""
        answer = place.post(f"/v1/consent-purposes/{PANEL}/basis", {**BASIS, name: value}, "HOST_DPO")
        assert answer.status_code == 422
        assert {e["pointer"] for e in answer.json["errors"]} == {f"#/{name}"}

    def test_there_are_no_other_purposes(self, place):
        """A purpose that no list has gets no basis."""
        answer = place.post("/v1/consent-purposes/SPAM/basis", BASIS, "HOST_DPO")
        assert (answer.status_code, answer.json["code"]) == (422, "unknown-code")

    def test_a_live_host_registers_no_words_before_the_basis(self, place):
        """So nobody can say yes to them; once it is stated, they are registered."""
        database, committer = place.database("consent"), place.contexts["consent"].committer
        database["purpose_bases"].delete_many({})
        command = RegisterWording(
            code=f"w-{new_id()[:8]}", purpose=PANEL, recipient_class="SURVIVOR_PANEL", languages=(),
            valid_from=place.contexts["consent"].clock.now(), valid_to=None, text="Words.", actor_id=new_id(),
        )  # fmt: skip
        live = Command(run=lambda work: register_wording(command, work, live=True))
        with pytest.raises(Exception, match="has not stated the lawful basis"):
            committer.execute(live)
        assert database["wordings"].count_documents({"_id": command.code}) == 0
        place.post(f"/v1/consent-purposes/{PANEL}/basis", BASIS, "HOST_DPO")
        assert committer.execute(live).status == 201

    @pytest.mark.parametrize("demo", [True, False])
    def test_only_a_demonstration_goes_without(self, place, demo):
        """The setting decides, and it is the API's own."""
        context = place.contexts["consent"]
        live = replace(context, settings=replace(context.settings, demo=demo))
        (route,) = [r for group in routes(live) for r in group.routes if r.method == "POST"]
        assert route.needs(None) == {"live": not demo}


class TestPreview:
    def test_it_shows_what_would_be_counted_of_them(self, place, survivor):
        """Their own codes in words, the recipients, and what the host's own systems are told."""
        told = place.post("/v1/consents/preview", {"survivor_id": survivor, "purpose": STATISTICS}).json
        (counted,) = told["counted"]
        assert sorted(counted.pop("exploitation_types")) == ["Domestic servitude", "Labour"]
        assert counted.pop("region_of_nationality").startswith("Asia")
        assert counted == {"referral_month": "2026-08", "gender": "Female"}
        assert (told["recipient_class"], told["leaves_this_host"]) == ("PROJECT_BOARD", False)
        assert "status" in told["own_systems_see"]
        assert place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"] == []

    def test_it_says_so_where_a_purpose_has_no_such_recipients(self, place, survivor):
        """Nobody is told that somebody would receive it who would not."""
        body = {"survivor_id": survivor, "purpose": PANEL, "recipient_class": "FUNDER"}
        told = place.post("/v1/consents/preview", body).json
        assert (told["is_theirs"], told["counted"]) == (False, [])

    def test_it_is_for_whoever_may_act_on_them(self, place, survivor):
        """A stranger meets what is not there, and so does whoever asks about nobody."""
        body = {"survivor_id": survivor, "purpose": STATISTICS}
        assert place.post("/v1/consents/preview", body, "IMSA").status_code == 404
        assert place.post("/v1/consents/preview", {**body, "survivor_id": new_id()}, "HOST_DPO").status_code == 404


class TestReceipts:
    def test_a_receipt_is_whole_and_of_the_right_shape(self, place, survivor):
        """And nothing else of the host stands in it."""
        place.post(f"/v1/consent-purposes/{STATISTICS}/basis", BASIS, "HOST_DPO")
        consent_id = place.give(survivor).json["id"]
        receipt = place.get(f"/v1/consents/{consent_id}/receipt").json
        jsonschema.validate(receipt, schema())
        (stated,) = receipt["consent_record"]["pii_processing"]["purposes"]
        assert (stated["purpose"], stated["lawful_basis"]) == (STATISTICS, BASIS["article6"])
        assert place.actor("SUPERVISOR") not in str(receipt)

    def test_they_may_decline_to_hold_one(self, place, survivor):
        """It is noted, the ledger stays as it is, and every later answer stands beside it."""
        consent_id = place.give(survivor).json["id"]
        before = place.get(f"/v1/consents/{consent_id}").json
        path = f"/v1/consents/{consent_id}/receipt-offers"
        for answer in ("DECLINED_TO_HOLD", "TAKEN"):
            assert place.post(path, {"answer": answer}).status_code == 201
        assert [one["answer"] for one in place.get(path).json["items"]] == ["TAKEN", "DECLINED_TO_HOLD"]
        assert place.get(f"/v1/consents/{consent_id}").json == before
        refused = place.post(path, {"answer": "LOST"})
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/answer")

    def test_there_is_none_of_what_is_not_there(self, place):
        """Nor of another's."""
        assert place.get(f"/v1/consents/{new_id()}/receipt").status_code == 404
        assert place.post(f"/v1/consents/{new_id()}/receipt-offers", {"answer": "TAKEN"}).status_code == 404
