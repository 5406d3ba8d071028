"""Something of a person goes out by a permit alone, over HTTP: asked, answered by consent, given once, told to stop."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.case.disclosures.commands import GiveOut, give_out
from services.case.disclosures.errors import NotPermittedError
from services.case.disclosures.facts import note_permitted, note_refused
from services.case.proofs.facts import answer as hear_withdrawal
from services.case.survivors.sealing import Sealer
from shared.contracts.disclosure import DisclosurePermitted, DisclosureRefused
from shared.contracts.withdrawal import WithdrawalAsked
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.outbox.commands import Answer, Command
from tests.integration.case.test_case_races import processes, race
from tests.integration.case.test_who_may_act import Advocate

__all__ = ["processes"]
PURPOSE, LAWYER, WORDS = "SHARE_WITH_LEGAL_REPRESENTATIVE", "LEGAL_REPRESENTATIVE", "w-disclosed-to-lawyers"
ASKED = {
    "purpose": PURPOSE, "recipient_class": LAWYER, "recipient": "Quillmark & Co", "means": "POST",
    "contact": "ONLY_THROUGH_US",
    "items": [{"data_class": "NRM", "words": "Quillmark decision"}, {"data_class": "HEALTH", "words": "Quillmark letter"}],
}  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ann(place):
    place.know_words(WORDS, purpose=PURPOSE, recipient_class=LAWYER)
    return Advocate(place)


@pytest.fixture
def survivor(place, ann):
    """Somebody of the advocate, who said yes to this."""
    survivor_id = place.survivor(advocate_id=ann.id)
    assert agrees(place, survivor_id).status_code == 201
    return survivor_id


def agrees(place, survivor_id, **values):
    return place.give(survivor_id, purpose=PURPOSE, wording_code=WORDS, recipient_class=LAWYER, **values)


def withdraws(place, survivor_id):
    (row,) = place.post("/v1/consents/search", {"survivor_id": survivor_id}).json["items"]
    assert place.post(f"/v1/consents/{row['id']}/withdraw", {}).status_code == 200


def asks(who, survivor_id, **values):
    path = f"/v1/survivors/{survivor_id}/disclosures"
    answer = who.post(path, {**ASKED, **values})
    assert answer.status_code == 201, answer.json
    return f"{path}/{answer.json['id']}"


@pytest.fixture
def permitted(place, ann, survivor):
    """The address of something that may be given for five minutes."""
    path = asks(ann, survivor)
    place.pump()
    assert ann.get(path).json["lasts"] is True
    return path


def code_of(answer):
    return answer.status_code, answer.json.get("code")


def test_what_is_permitted_is_given_once_and_it_is_known_what_to_whom_under_which_yes(place, ann, survivor, permitted):
    """Sealed; permitted for minutes; twice is once; the person finds it among what was done with their record."""
    row = ann.get(permitted).json
    given = [ann.post(f"{permitted}/give", {}) for _ in range(2)]
    assert [one.status_code for one in given] == [200, 200]
    assert given[0].json["version"] == given[1].json["version"]
    one = ann.get(permitted).json
    assert (one["state"], one["given_by"], one["recipient"]) == ("GIVEN", ann.id, "Quillmark & Co")
    assert [item["words"] for item in one["items"]] == ["Quillmark decision", "Quillmark letter"]
    (ledger,) = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
    assert (one["consent_id"], one["text_hash"]) == (ledger["id"], ledger["history"][-1]["text_hash"])
    assert datetime.fromisoformat(row["until"]) - datetime.fromisoformat(row["decided_at"]) == 5 * MINUTE
    for service, kept in (("case", "disclosures"), ("consent", "permits")):
        database = place.database(service)
        assert database[kept].count_documents({"survivor_id": survivor}) == 1
        assert "Quillmark" not in str([list(database[name].find()) for name in (kept, "outbox")])
    for verb in ("ask", "give"):
        assert place.audited("case", action=f"case:disclosure:{verb}", object_id=survivor, outcome="ALLOWED")
    assert place.audited("consent", action="consent:disclosure:decide", object_id=survivor, outcome="PERMITTED")


def test_without_a_yes_nothing_goes_out_and_that_is_kept(place, ann):
    """Before the answer, and after a no; asked again after the yes it goes, and the no stays beside it."""
    survivor = place.survivor(advocate_id=ann.id)
    path = asks(ann, survivor)
    assert code_of(ann.post(f"{path}/give", {})) == (409, "disclosure-not-permitted")
    assert code_of(ann.post(f"{path}/ask-again", {})) == (409, "disclosure-still-asked")
    place.pump()
    one = ann.get(path).json
    assert (one["state"], one["reason"], one["lasts"]) == ("REFUSED", "UNKNOWN", False)
    assert code_of(ann.post(f"{path}/give", {})) == (409, "disclosure-not-permitted")
    agrees(place, survivor)
    assert ann.post(f"{path}/ask-again", {}).status_code == 200
    place.pump()
    assert ann.post(f"{path}/give", {}).status_code == 200
    assert [each["reason"] for each in ann.get(path).json["before"]] == ["UNKNOWN"]


def test_after_five_minutes_it_is_asked_again(place, ann, permitted):
    """By the server's business time; the next permission lasts as long again."""
    place.at(datetime.now(UTC) + 6 * MINUTE)
    assert ann.get(permitted).json["lasts"] is False
    assert code_of(ann.post(f"{permitted}/give", {})) == (409, "disclosure-not-permitted")
    assert ann.post(f"{permitted}/ask-again", {}).status_code == 200
    place.pump()
    assert ann.post(f"{permitted}/give", {}).status_code == 200
    assert code_of(ann.post(f"{permitted}/ask-again", {})) == (409, "disclosure-given")


def test_a_no_that_is_on_its_way_loses_at_most_minutes_and_then_the_recipient_is_told(place, ann, survivor, permitted):
    """The recipient's answer is noted by whoever may act or the officer; the proof says that somebody has something."""
    withdraws(place, survivor)
    assert ann.post(f"{permitted}/give", {}).status_code == 200
    place.pump()
    one = ann.get(permitted).json
    assert (one["state"], one["tell"]) == ("GIVEN", "TO_TELL")
    (proof,) = place.post("/v1/withdrawals/search", {"survivor_id": survivor}).json["items"]
    assert {q["party"]: q["finding"] for q in proof["questions"]}["case"] == "RECIPIENTS_ARE_TOLD"
    waiting = {row["id"]: row for row in place.every("/v1/disclosures?tell=TO_TELL", "HOST_DPO")}
    assert "recipient" not in waiting[one["id"]]
    assert place.post(f"{permitted}/told", {"answer": "DELETED"}, "HOST_DPO").status_code == 200
    assert code_of(ann.post(f"{permitted}/told", {"answer": "STOPPED"})) == (409, "disclosure-nobody-to-tell")
    assert ann.get(permitted).json["told_answer"] == "DELETED"


def test_a_no_that_has_arrived_wins(place, ann, survivor, permitted):
    """Permitted a moment ago, and not any more."""
    withdraws(place, survivor)
    place.pump()
    assert code_of(ann.post(f"{permitted}/give", {})) == (409, "disclosure-not-permitted")
    assert ann.get(permitted).json["reason"] == "WITHDRAWN"


def test_everybody_else_finds_nothing(place, ann, survivor, permitted):
    """A colleague, and whoever looks under another person of theirs: as of what is not there."""
    ben, one = Advocate(place), permitted.rsplit("/", 1)[1]
    own = place.survivor(advocate_id=ben.id)
    for path in (permitted, f"/v1/survivors/{own}/disclosures/{one}"):
        assert ben.get(path).status_code == 404
        for verb, body in (("give", {}), ("ask-again", {}), ("told", {"answer": "DELETED"})):
            assert ben.post(f"{path}/{verb}", body).status_code == 404
    assert ben.post(f"/v1/survivors/{survivor}/disclosures", ASKED).status_code == 404
    assert place.post(f"{permitted}/give", {}, "HOST_DPO").status_code == 404
    assert ann.get(permitted).json["state"] == "PERMITTED"


@pytest.mark.parametrize("change", [{"means": "TELEPHONE"}, {"recipient_class": "FUNDER"}, {"data_classes": ["STORY"]}])
def test_what_was_changed_behind_the_service_is_not_given(place, ann, permitted, change):
    """A permission binds what was asked about."""
    key = {"_id": permitted.rsplit("/", 1)[1]}
    place.database("case")["disclosures"].update_one(key, {"$set": change})
    assert code_of(ann.post(f"{permitted}/give", {})) == (409, "disclosure-not-what-was-asked")


def test_the_words_of_one_are_not_given_by_the_permit_of_another(place, ann, survivor, permitted):
    """Sealed words that were moved between two disclosures of one person open, and are bound to neither."""
    other = asks(ann, survivor, recipient="Others", items=[{"data_class": "NRM", "words": "Everything"}])
    found = place.database("case")["disclosures"]
    moved = found.find_one({"_id": other.rsplit("/", 1)[1]})["sealed"]
    found.update_one({"_id": permitted.rsplit("/", 1)[1]}, {"$set": {"sealed": moved}})
    assert code_of(ann.post(f"{permitted}/give", {})) == (409, "disclosure-not-what-was-asked")


def test_a_possible_child_and_a_wish_that_use_is_stopped_come_first(place, ann, survivor, permitted):
    """At asking and at giving; a wish that was met holds until they say yes again."""
    episode = place.episode(survivor_id=survivor)["id"]
    episodes = place.database("case")["episodes"]
    episodes.update_one({"_id": episode}, {"$set": {"left_out": ["POSSIBLE_CHILD"]}})
    path = permitted.rsplit("/", 1)[0]
    for address, body in ((f"{permitted}/give", {}), (path, ASKED)):
        assert code_of(ann.post(address, body)) == (409, "disclosure-held")
    episodes.update_one({"_id": episode}, {"$set": {"left_out": []}})
    wish = {"survivor_id": survivor, "kind": "RESTRICTION", "channel": "IN_PERSON", "received_on": None}
    taken = place.post("/v1/rights-cases", wish, "HOST_DPO")
    assert taken.status_code == 201, taken.json
    assert code_of(ann.post(f"{permitted}/give", {})) == (409, "disclosure-held")
    cases = place.database("case")["rights_cases"]
    cases.update_one({"_id": taken.json["id"]}, {"$set": {"state": "CLOSED", "outcome": "MET"}})
    assert code_of(ann.post(f"{permitted}/give", {})) == (409, "disclosure-held")
    agrees(place, survivor)
    again = asks(ann, survivor)
    place.pump()
    assert ann.post(f"{again}/give", {}).status_code == 200


def test_of_whoever_was_erased_nothing_is_given_or_shown(place, ann, survivor, permitted):
    """The officer's list has kinds and days alone."""
    place.contexts["case"].survivor_keys.forget(survivor)
    assert ann.post(f"{permitted}/give", {}).status_code == 404
    assert ann.get(permitted).status_code == 404
    rows = {row["id"]: row for row in place.every("/v1/disclosures", "HOST_DPO")}
    assert "Quillmark" not in json.dumps(rows[permitted.rsplit("/", 1)[1]])


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"purpose": "INVENTED"}, "#/purpose"),
        ({"recipient": " \u200b "}, "#/recipient"),
        ({"recipient": "x" * 201}, "#/recipient"),
        ({"items": []}, "#/items"),
        ({"items": [{"data_class": "NRM", "words": "x"}] * 21}, "#/items"),
        ({"items": [{"data_class": "NRM", "words": ""}]}, "#/items/0/words"),
        ({"items": [{"data_class": "ALL", "words": "x"}]}, "#/items/0/data_class"),
        ({"means": None}, "#/means"),
        ({"contact": "AS_THEY_SAID_IS_SAFE"}, "#/contact"),
        ({"until": "2030-01-01T00:00:00Z"}, "#/until"),
    ],
)
def test_everything_is_chosen_and_nothing_by_itself(place, ann, survivor, wrong, pointer):
    """A field that is missing, unknown, empty or too long is named, and nothing is asked."""
    answer = ann.post(f"/v1/survivors/{survivor}/disclosures", {**ASKED, **wrong})
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == pointer
    assert ann.get(f"/v1/survivors/{survivor}/disclosures").json["items"] == []


class Stored:
    """A disclosure that is permitted, and what two processes of case do to it at once."""

    def __init__(self, place, survivor_id, path):
        self.place, self.survivor_id, self.id = place, survivor_id, path.rsplit("/", 1)[1]
        self.sealer = Sealer.of_known(place.contexts["case"], [survivor_id])

    @property
    def row(self):
        return self.place.database("case")["disclosures"].find_one({"_id": self.id})

    def gives(self, work):
        command = GiveOut(disclosure_id=self.id, survivor_id=self.survivor_id, actor_id="a", role="IMSA")
        return give_out(command, work, sealer=self.sealer)

    def hears(self, handle, event):
        received = Received(
            event=event, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=datetime.now(UTC), sender="t"
        )

        def run(work):
            handle(received, work)
            return Answer(status=200)

        return run

    def refusal(self, **values):
        said = {"permit_id": self.row["permit_id"], "disclosure_id": self.id, "survivor_id": self.survivor_id}
        event = DisclosureRefused(reason="WITHDRAWN", decided_at=datetime.now(UTC), **{**said, **values})
        return self.hears(note_refused, event)

    def permission(self, **values):
        row, now = self.row, datetime.now(UTC)
        said = {
            "permit_id": row["permit_id"], "disclosure_id": self.id, "survivor_id": self.survivor_id,
            "binds": row["binds"], "consent_id": new_id(), "consent_sequence": 1, "said_at": now, "text_hash": "a" * 64,
            "decided_at": now, "until": now + 5 * MINUTE,
        }  # fmt: skip
        return self.hears(note_permitted, DisclosurePermitted(**{**said, **values}))

    def withdrawal(self, *, later=1, **values):
        row = self.row
        said = {"survivor_id": self.survivor_id, "consent_id": row["consent_id"], **values}
        event = WithdrawalAsked(
            question_id=new_id(), asked_of="case", purpose=PURPOSE, effective_at=datetime.now(UTC),
            consent_sequence=row["consent_sequence"] + later, **said,
        )  # fmt: skip
        return self.hears(hear_withdrawal, event)

    def does(self, run):
        self.place.contexts["case"].committer.execute(Command(run=run))


@pytest.fixture
def stored(place, survivor, permitted):
    return Stored(place, survivor, permitted)


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize("no", ["refusal", "withdrawal"])
def test_a_no_arrives_while_it_is_given(processes, stored, no, turned):
    """Given before it, and then somebody is told; or refused. Never given after it."""
    met, failures = race(processes, turned, stored.gives, getattr(stored, no)())
    assert met
    given = (stored.row["state"], stored.row["tell"], [type(error) for error in failures])
    told = "TO_TELL" if no == "withdrawal" else None
    assert given in (("GIVEN", told, []), ("REFUSED", None, [NotPermittedError]))


def test_one_permit_is_used_at_once_by_two(processes, stored):
    """One effect."""
    before = stored.row["version"]
    met, failures = race(processes, False, stored.gives, stored.gives)
    assert (met, failures, stored.row["state"], stored.row["version"]) == (True, [], "GIVEN", before + 1)


def test_whoever_is_killed_before_the_commit_has_given_nothing(stored):
    """The permission stands as it stood, and can be used."""

    def dies(work):
        stored.gives(work)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stored.does(dies)
    assert stored.row["state"] == "PERMITTED"
    stored.does(stored.gives)
    assert stored.row["state"] == "GIVEN"


@pytest.mark.parametrize(
    "other", [{"survivor_id": new_id()}, {"permit_id": new_id()}, {"binds": "c" * 64}, {"disclosure_id": new_id()}]
)
def test_an_answer_about_anything_else_changes_nothing(place, ann, survivor, other):
    """Of another person, to another asking, to another list, of nothing."""
    one = Stored(place, survivor, asks(ann, survivor))
    one.does(one.permission(**other))
    if "binds" not in other:
        one.does(one.refusal(**other))
    assert one.row["state"] == "ASKED"
    one.does(one.permission())
    assert one.row["state"] == "PERMITTED"


def test_a_no_that_overtakes_the_permission_beats_it(place, ann, survivor):
    """The end of the yes is heard first, and the permission that was given before it, later."""
    one, consent_id = Stored(place, survivor, asks(ann, survivor)), new_id()
    one.does(one.withdrawal(consent_id=consent_id, later=7))
    one.does(one.permission(consent_id=consent_id, consent_sequence=6))
    assert (one.row["state"], one.row["reason"]) == ("REFUSED", "WITHDRAWN")
