"""An erasure that is confirmed while somebody takes a request down, takes it back or confirms it too."""

import pytest

from services.case.erasures.commands import (
    AskErasure,
    ConfirmErasure,
    TakeBackErasure,
    ask_erasure,
    confirm_erasure,
    take_back_erasure,
)
from services.case.erasures.errors import OtherRightsOpenError
from services.case.rights.taking import TakeRightsCase, take_rights_case
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.keys.survivor_keys import KeyDestroyedError
from shared.outbox.commands import Command
from shared.outbox.unit_of_work import StaleVersionError
from tests.integration.case.test_rights_races import interleave, pair

__all__ = ["pair"]
pytestmark = pytest.mark.integration


class Asked:
    """A survivor whose erasure waits for a second person."""

    def __init__(self, place):
        self.survivor = place.survivor("IMSA")
        body = {"survivor_id": self.survivor, "kind": "ERASURE", "channel": "IN_PERSON"}
        self.case_id = place.post("/v1/rights-cases", body, "IMSA").json["id"]
        self.sealer = Sealer.of_known(place.contexts["case"], [self.survivor])
        command = AskErasure(
            **self._about("asks"), holds=(), looked_for_holds=True, told="IN_PERSON_PRIVATE",
        )  # fmt: skip
        ask = Command(run=lambda work: ask_erasure(command, work, sealer=self.sealer))
        place.contexts["case"].committer.execute(ask)

    def _about(self, actor):
        return {
            "rights_case_id": self.case_id, "survivor_id": self.survivor, "version": 1, "actor_id": actor,
            "role": "HOST_DPO",
        }  # fmt: skip

    def confirms(self, actor="confirms"):
        command = ConfirmErasure(**self._about(actor))
        return lambda work: confirm_erasure(command, work, sealer=self.sealer)

    def takes_back(self):
        command = TakeBackErasure(**self._about("asks"))
        return lambda work: take_back_erasure(command, work, sealer=self.sealer)

    def takes_down(self):
        command = TakeRightsCase(
            rights_case_id=new_id(), survivor_id=self.survivor, kind="ACCESS", channel="IN_PERSON", received_on=None,
            nation="WALES", words=None, actor_id="a", role="IMSA",
        )  # fmt: skip
        return lambda work: take_rights_case(command, work, sealer=self.sealer)


@pytest.mark.parametrize("confirms_first", [True, False])
def test_nobody_waits_in_a_case_that_an_erasure_overtakes(place, pair, confirms_first):
    """Either the request was there and the erasure waits, or the erasure was and the request is told so."""
    asked = Asked(place)
    confirm, take = asked.confirms(), asked.takes_down()
    refusals = (OtherRightsOpenError, KeyDestroyedError)
    first, second = (confirm, take) if confirms_first else (take, confirm)
    ended, met = interleave(pair, first, second, refusals=refusals)
    assert met
    assert sum(one in refusals for one in ended.values()) == 1
    database = place.database("case")
    waiting = database["rights_cases"].count_documents({"survivor_id": asked.survivor, "kind": "ACCESS"})
    confirmed = database["person_erasures"].find_one({"_id": asked.case_id})["state"] == "CONFIRMED"
    assert (waiting == 1) != confirmed


@pytest.mark.parametrize("other", ["takes_back", "confirms"])
def test_of_two_ways_on_one_is_gone(place, pair, other):
    """Taken back or confirmed, never both, and confirmed once."""
    asked = Asked(place)
    ended, met = interleave(pair, asked.confirms(), getattr(asked, other)())
    assert met
    assert list(ended.values()).count(StaleVersionError) == 1
    found = place.database("case")["person_erasures"].find_one({"_id": asked.case_id})
    case = place.database("case")["rights_cases"].find_one({"_id": asked.case_id})
    assert found["version"] == 2
    assert (found["state"], case["erasing"]) in (("CONFIRMED", "CONFIRMED"), ("TAKEN_BACK", None))
