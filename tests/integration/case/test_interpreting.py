"""Interpreters by rule: what somebody needs, who never may, and a booking that is judged before anything else."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.ids import new_id
from tests.integration.case.test_who_may_act import Advocate

NOW = datetime(2026, 9, 1, 13, tzinfo=UTC)
THEN = "2026-09-04T10:00:00+00:00"
HEARS = {"at": THEN, "mode": "TELEPHONE"}
NEEDS = {"language": "sq", "gender": "FEMALE", "community_rule": "NO_PREFERENCE"}


@pytest.fixture
def host(place):
    """It is 1 September."""
    place.at(NOW)
    yield place
    place.at(None)


@pytest.fixture
def ann(host):
    return Advocate(host)


@pytest.fixture
def ida(host, ann):
    """Somebody of the advocate's, who speaks Albanian and wishes a woman."""
    survivor = host.survivor(name="Ida Planted", advocate_id=ann.id)
    assert ann.post(f"/v1/survivors/{survivor}/interpreter-wishes", NEEDS).status_code == 201
    return survivor


def interpreter(host, **said):
    """Add an interpreter of a name nobody else has, who may interpret for Ida unless it is said otherwise."""
    body = {
        "name": f"Vera {new_id()[-12:]}", "languages": ["sq", "en"], "gender": "FEMALE",
        "modes": ["TELEPHONE", "IN_ROOM"], "from_on": "2026-01-01", **said,
    }  # fmt: skip
    made = host.post("/v1/interpreters", body)
    assert made.status_code == 201, made.json
    return made.json["id"]


def judged(ann, survivor, interpreter_id, **asked):
    """What is said of one interpreter."""
    found = ann.post(f"/v1/survivors/{survivor}/interpreters/search", {**HEARS, **asked})
    assert found.status_code == 200, found.json
    (row,) = [one for one in found.json["items"] if one["interpreter_id"] == interpreter_id]
    return row


def refusals(ann, survivor, interpreter_id, **asked):
    return judged(ann, survivor, interpreter_id, **asked)["refusals"]


def book(ann, survivor, interpreter_id, **said):
    body = {**HEARS, "purpose": "VISIT", "interpreter_id": interpreter_id, **said}
    return ann.post(f"/v1/survivors/{survivor}/interpreter-bookings", body)


def never(ann, survivor, **said):
    return ann.post(f"/v1/survivors/{survivor}/interpreter-nevers", said)


def wish(ann, survivor, **said):
    standing = known(ann, survivor)["wish"]
    body = {**said, "replaces": standing and standing["id"]}
    return ann.post(f"/v1/survivors/{survivor}/interpreter-wishes", body)


def known(ann, survivor):
    return ann.get(f"/v1/survivors/{survivor}/interpreting").json


def booking(ann, survivor, booking_id):
    (row,) = [one for one in known(ann, survivor)["bookings"] if one["id"] == booking_id]
    return row


def press(ann, survivor, booking_id, verb):
    return ann.post(f"/v1/survivors/{survivor}/interpreter-bookings/{booking_id}/{verb}", {})


def test_what_they_need_is_never_written_over(host, ann, ida):
    """A blank stays, a correction stands beside what it corrects, and nobody writes over what they have not seen."""
    assert wish(ann, ida, dialect="Gheg", why="SURVIVOR_SAID").status_code == 201
    assert wish(ann, ida, gender="DECLINED_TO_ANSWER", why="WRITTEN_WRONGLY", dialect=None).status_code == 201
    found = known(ann, ida)
    assert [(one["gender"], one["dialect"], one["language"]) for one in found["wishes"]] == [
        ("DECLINED_TO_ANSWER", "Gheg", "sq"), ("FEMALE", "Gheg", "sq"), ("FEMALE", None, "sq"),
    ]  # fmt: skip
    assert found["wish"] == found["wishes"][0]
    assert found["remarks"] == []
    assert wish(ann, ida, clear=["dialect"]).status_code == 201
    assert known(ann, ida)["wish"]["dialect"] is None
    stale = ann.post(f"/v1/survivors/{ida}/interpreter-wishes", {"gender": "MALE", "replaces": None})
    assert stale.json["code"] == "interpreter-wish-changed"
    assert wish(ann, ida, dialect="x", clear=["dialect"]).status_code == 422
    assert host.audited(action="case:interpreting:wish", object_id=ida, outcome="ALLOWED")


def test_not_asked_declined_and_no_preference_are_three_answers(host, ann):
    """None keeps anybody away; of what nobody asked it is said that it is to be asked."""
    survivor = host.survivor(advocate_id=ann.id)
    one = interpreter(host, gender="MALE")
    assert refusals(ann, survivor, one) == ["NEED_UNKNOWN"]
    assert wish(ann, survivor, language="sq").status_code == 201
    found = known(ann, survivor)
    assert (found["wish"]["gender"], found["remarks"]) == ("NOT_ASKED", ["ASK_GENDER", "ASK_COMMUNITY"])
    assert refusals(ann, survivor, one) == []
    for said in ("DECLINED_TO_ANSWER", "NO_PREFERENCE"):
        assert wish(ann, survivor, gender=said).status_code == 201
        assert (known(ann, survivor)["remarks"], refusals(ann, survivor, one)) == (["ASK_COMMUNITY"], [])


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ({}, []),
        ({"languages": ["pl"]}, ["LANGUAGE"]),
        ({"gender": "MALE"}, ["GENDER"]),
        ({"gender": "NOT_SPECIFIED"}, ["GENDER"]),
        ({"modes": ["VIDEO"]}, ["MODE"]),
        ({"until_on": "2026-09-03"}, ["NOT_THEN"]),
        ({"from_on": "2026-09-05"}, ["NOT_THEN"]),
        ({"languages": ["pl"], "gender": "MALE"}, ["LANGUAGE", "GENDER"]),
    ],
    ids=["may", "language", "gender", "gender-not-stated", "mode", "gone", "not-yet", "all-reasons"],
)
def test_each_reason_is_given(host, ann, ida, said, reasons):
    """Whoever may not is shown with every reason, and a booking is refused by the same judgement."""
    one = interpreter(host, **said)
    row = judged(ann, ida, one)
    assert (row["refusals"], row["may"], row["may_if_agreed"]) == (reasons, not reasons, reasons == ["GENDER"])
    assert book(ann, ida, one).status_code == (409 if reasons else 201)


def test_a_dialect_and_a_way_are_needs_too(host, ann, ida):
    """A dialect that an interpreter does not state is none; a way that they do not want is refused."""
    plain, gheg = interpreter(host), interpreter(host, dialects=["GHEG Albanian"])
    assert wish(ann, ida, dialect="gheg", modes=["IN_ROOM"]).status_code == 201
    assert refusals(ann, ida, plain, mode="IN_ROOM") == ["DIALECT"]
    assert refusals(ann, ida, gheg, mode="IN_ROOM") == []
    assert refusals(ann, ida, gheg) == ["MODE_UNWANTED"]


def test_nobody_overrides_a_never(host, ann, ida):
    """By whatever spelling, by register, with agreement or as a supervisor: it is a no."""
    one = interpreter(host, name="Véra Gjoka-Hoti")
    said = never(ann, ida, name="hoti  GJOKA vera")
    assert (said.status_code, said.json["find_others"]) == (201, 0)
    assert refusals(ann, ida, one) == ["NEVER"]
    refused = book(ann, ida, one, agreed=True)
    assert (refused.status_code, refused.json["code"]) == (409, "interpreter-refused")
    assert "Hoti" not in refused.text
    body = {**HEARS, "purpose": "VISIT", "interpreter_id": one, "agreed": True}
    assert host.post(f"/v1/survivors/{ida}/interpreter-bookings", body).status_code == 409
    other = interpreter(host)
    assert never(ann, ida, interpreter_id=other, why="FAMILY").status_code == 201
    host.post(f"/v1/interpreters/{other}/change", {"name": "Renamed Person"})
    assert refusals(ann, ida, other) == ["FAMILY"]


def test_a_wish_for_a_gender_gives_way_only_to_their_own_word_for_this_once(host, ann, ida):
    """It is recorded with the booking, does not hold for the next one, and never helps against another reason."""
    man = interpreter(host, gender="MALE")
    assert book(ann, ida, man).status_code == 409
    agreed = book(ann, ida, man, agreed=True)
    assert agreed.status_code == 201
    assert booking(ann, ida, agreed.json["id"])["agreed_gender"] == "FEMALE"
    assert book(ann, ida, man).status_code == 409
    assert book(ann, ida, interpreter(host, gender="MALE", languages=["pl"]), agreed=True).status_code == 409
    fits = book(ann, ida, interpreter(host), agreed=True).json["id"]
    assert booking(ann, ida, fits)["agreed_gender"] is None
    assert wish(ann, ida, gender="NON_BINARY").json["find_others"] == 2
    assert booking(ann, ida, agreed.json["id"])["refusals"] == ["GENDER"]


def test_a_tie_keeps_away_whoever_is_near_to_somebody_they_named(host, ann, ida):
    """Tied to a person of a never, or to themselves; a tie that ended keeps nobody away."""
    one, kin = interpreter(host), interpreter(host)
    assert never(ann, ida, name="Arben Planted").status_code == 201
    tie = host.post(f"/v1/interpreters/{one}/ties", {"kind": "SAME_EMPLOYER", "name": "PLANTED, Arben"})
    host.post(f"/v1/interpreters/{kin}/ties", {"kind": "RELATED_TO", "name": "Ida Planted"})
    assert (refusals(ann, ida, one), refusals(ann, ida, kin)) == (["CONFLICT"], ["FAMILY"])
    row = host.get(f"/v1/interpreters/{one}").json
    assert [(one["kind"], one["who"], one["ended_at"]) for one in row["ties"]] == [
        ("SAME_EMPLOYER", "PLANTED, Arben", None)
    ]
    assert tie.status_code == 200
    ended = host.post(f"/v1/interpreters/{one}/ties/end", {"tie_id": row["ties"][0]["id"]})
    assert ended.status_code == 200
    assert host.post(f"/v1/interpreters/{one}/ties/end", {"tie_id": row["ties"][0]["id"]}).json["code"] == "no-such-tie"
    assert refusals(ann, ida, one) == []
    assert host.get(f"/v1/interpreters/{one}").json["ties"][0]["ended_by"] == host.actor("SUPERVISOR")


def test_nobody_from_their_community_where_they_say_so(host, ann, ida):
    """A community in common is a no, and so is one that nobody wrote down."""
    hers, other, unknown = (
        interpreter(host, communities=said) for said in (["Albanians of Leeds"], ["Kosovans in Hull"], [])
    )
    assert [refusals(ann, ida, one) for one in (hers, other, unknown)] == [[], [], []]
    which = wish(ann, ida, community_rule="AVOID")
    assert (which.status_code, which.json["code"]) == (422, "interpreter-wish-misstated")
    assert wish(ann, ida, community_rule="AVOID", community="Leeds Albanian").status_code == 201
    assert [refusals(ann, ida, one) for one in (hers, other, unknown)] == [["COMMUNITY"], [], ["COMMUNITY_UNKNOWN"]]
    assert wish(ann, ida, clear=["community"]).status_code == 422


def test_a_never_makes_a_task_of_what_is_booked(host, ann, ida):
    """It cannot be kept, stands on the day's list, and is done once it is cancelled; an ended never brings nothing back."""
    one = interpreter(host)
    made = book(ann, ida, one).json["id"]
    said = never(ann, ida, interpreter_id=one)
    assert said.json["find_others"] == 1
    row = booking(ann, ida, made)
    assert (row["state"], row["refusals"]) == ("FIND_OTHER", ["NEVER"])
    (step,) = ann.get(f"/v1/survivors/{ida}/steps?state=OPEN").json["items"]
    assert (step["what"], step["due_on"], step["taken_by"]) == (
        "Find somebody else to interpret before 4 September, 11:00, and tell who was booked", "2026-09-04", ann.id,
    )  # fmt: skip
    assert ann.post(f"/v1/survivors/{ida}/interpreter-nevers/{said.json['id']}/end", {"why": "SURVIVOR_CHANGED_IT"})
    host.at(NOW + timedelta(days=4))
    assert press(ann, ida, made, "held").json["code"] == "booking-ended"
    assert press(ann, ida, made, "cancel").status_code == 200
    assert press(ann, ida, made, "cancel").json["code"] == "booking-ended"
    assert ann.get(f"/v1/survivors/{ida}/steps?state=OPEN").json["items"] == []


def test_a_full_list_of_tasks_keeps_no_never_from_being_heard(host, ann, ida):
    """The booking cannot be kept all the same."""
    one = interpreter(host)
    made = book(ann, ida, one).json["id"]
    for number in range(100):
        assert ann.post(f"/v1/survivors/{ida}/steps", {"what": f"Planted {number}"}).status_code == 201
    assert never(ann, ida, interpreter_id=one).json["find_others"] == 1
    row = booking(ann, ida, made)
    assert (row["state"], row["step_id"]) == ("FIND_OTHER", None)


def test_what_the_register_says_later_stands_at_the_next_reading(host, ann, ida):
    """A tie that is noted after a booking keeps it from being kept, unless it was noted after its time."""
    first, second = interpreter(host), interpreter(host)
    assert never(ann, ida, name="Arben Planted").status_code == 201
    early, late = (book(ann, ida, one).json["id"] for one in (first, second))
    tie = {"kind": "FRIEND_OF", "name": "Arben Planted"}
    assert host.post(f"/v1/interpreters/{first}/ties", tie).status_code == 200
    assert [booking(ann, ida, one)["state"] for one in (early, late)] == ["FIND_OTHER", "BOOKED"]
    assert press(ann, ida, late, "held").json["code"] == "booking-not-yet"
    host.at(NOW + timedelta(days=4))
    assert host.post(f"/v1/interpreters/{second}/ties", tie).status_code == 200
    assert press(ann, ida, early, "held").json["code"] == "interpreter-refused"
    assert press(ann, ida, late, "held").status_code == 200


def test_a_never_that_ended_stays_to_be_seen(host, ann, ida):
    """It stands no more, once."""
    one = interpreter(host)
    said = never(ann, ida, interpreter_id=one).json["id"]
    end = f"/v1/survivors/{ida}/interpreter-nevers/{said}/end"
    assert ann.post(end, {"why": "WRITTEN_WRONGLY"}).status_code == 201
    assert ann.post(end, {"why": "WRITTEN_WRONGLY"}).json["code"] == "never-ended"
    other = f"/v1/survivors/{ida}/interpreter-nevers/{new_id()}/end"
    assert ann.post(other, {"why": "WRITTEN_WRONGLY"}).status_code == 404
    assert refusals(ann, ida, one) == []
    assert [(one["why"], one["why_ended"], one["stands"]) for one in known(ann, ida)["nevers"]] == [
        (None, "WRITTEN_WRONGLY", False), ("SURVIVOR_SAID", None, False),
    ]  # fmt: skip


@pytest.mark.parametrize("collection", ["interpreter_wishes", "interpreter_nevers", "interpreters"])
def test_what_cannot_be_read_counts_as_a_no(host, ann, ida, collection):
    """A wish, a never or an interpreter that somebody altered in the database keeps everybody away."""
    one = interpreter(host)
    never(ann, ida, name="Somebody Else")
    stored = host.database("case")[collection]
    where = {"_id": one} if collection == "interpreters" else {"survivor_id": ida}
    torn = ("words",) if collection == "interpreters" else ("sealed.gender", "sealed.why")
    stored.update_one(where, {"$set": dict.fromkeys(torn, b"x" * 40)})
    expected = {"interpreter_nevers": ["NEVER"]}.get(collection, ["UNREADABLE"])
    found = refusals(ann, ida, one)
    assert set(expected) <= set(found)
    assert book(ann, ida, one).json["code"] == "interpreter-refused"


def test_nothing_of_it_stands_open_in_the_database(host, ann, ida):
    """Names, words and codes that describe somebody are closed; of a never only marks stand there."""
    one = interpreter(
        host,
        name="Planted Interpreter",
        agency="Planted Agency",
        communities=["Planted Town"],
        dialects=["Planted dialect"],
    )
    wish(ann, ida, dialect="Planted dialect")
    never(ann, ida, name="Planted Never")
    book(ann, ida, one, agreed=True)
    case = host.database("case")
    kept = [case["interpreters"].find_one({"_id": one})]
    for name in ("interpreter_wishes", "interpreter_nevers", "interpreter_bookings"):
        kept += case[name].find({"survivor_id": ida})
    assert len(kept) == 5
    text = repr(kept)
    assert "Planted" not in text
    assert "2026-09-04" not in text
    assert "datetime.datetime(2026, 9, 4" not in text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("interpreter-wishes", {"gender": "A <b>"}),
        ("interpreter-wishes", {"dialect": " .- "}),
        ("interpreter-nevers", {}),
        ("interpreter-nevers", {"name": "--"}),
        ("interpreter-nevers", {"name": "x" * 201}),
        ("interpreters/search", {"at": "2026-09-04T10:00:00", "mode": "TELEPHONE"}),
        ("interpreter-bookings", {**HEARS, "purpose": "VISIT"}),
    ],
    ids=["code", "dialect", "nobody", "no-letters", "long", "no-zone", "no-interpreter"],
)
def test_bad_input_is_refused_by_its_field(ann, ida, path, body):
    """And nothing of it is said again."""
    refused = ann.post(f"/v1/survivors/{ida}/{path}", body)
    assert refused.status_code == 422
    assert "<b>" not in refused.text


def test_a_booking_is_for_a_time_to_come(host, ann, ida):
    """Not for what has been, nor for more than a year ahead; a stranger's id is nobody's."""
    one = interpreter(host)
    for at in ("2026-09-01T12:00:00+00:00", "2027-12-01T12:00:00+00:00"):
        assert book(ann, ida, one, at=at).json["code"] == "booking-past"
    assert book(ann, ida, new_id()).status_code == 404
    made = book(ann, ida, one).json["id"]
    other = host.survivor(advocate_id=ann.id)
    assert press(ann, other, made, "cancel").status_code == 404
    assert press(ann, ida, made, "cancel").status_code == 200


def test_only_whoever_works_with_them_sees_it(host, ann, ida):
    """To another advocate they are not there; the register is no advocate's."""
    ben = Advocate(host)
    assert ben.get(f"/v1/survivors/{ida}/interpreting").status_code == 404
    assert never(ben, ida, name="Planted").status_code == 404
    assert ben.get("/v1/interpreters").status_code == 404
    assert host.get("/v1/interpreters", "HOST_ADMIN").status_code == 200
    assert host.get(f"/v1/survivors/{ida}/interpreting", "HOST_ADMIN").status_code == 404


def test_the_register_keeps_what_is_left_blank(host):
    """A change writes what is new; only what is cleared goes; what cannot be right is refused."""
    one = interpreter(host, agency="Planted", dialects=["Gheg"])
    path = f"/v1/interpreters/{one}"
    assert host.post(f"{path}/change", {"gender": "MALE", "agency": None, "languages": []}).status_code == 200
    row = host.get(path).json
    assert (row["gender"], row["agency"], row["dialects"], row["languages"]) == (
        "MALE",
        "Planted",
        ["Gheg"],
        ["sq", "en"],
    )
    assert host.post(f"{path}/change", {"clear": ["agency", "dialects"]}, "HOST_ADMIN").status_code == 200
    row = host.get(path).json
    assert (row["agency"], row["dialects"], row["stated_by"]) == (None, [], host.actor("HOST_ADMIN"))
    assert host.post(f"{path}/change", {"until_on": "2025-01-01"}).json["code"] == "interpreter-misstated"
    assert host.post(f"{path}/change", {"agency": "x", "clear": ["agency"]}).status_code == 422
    assert one in {row["id"] for row in host.every("/v1/interpreters")}


def test_a_torn_booking_keeps_no_never_away(host, ann, ida):
    """It cannot be held either."""
    one = interpreter(host)
    made = book(ann, ida, one).json["id"]
    host.database("case")["interpreter_bookings"].update_one({"_id": made}, {"$set": {"sealed.at": b"x" * 60}})
    assert never(ann, ida, interpreter_id=one).status_code == 201
    assert known(ann, ida)["bookings"] == []
    host.at(NOW + timedelta(days=4))
    assert press(ann, ida, made, "held").json["code"] == "booking-ended"


def test_a_never_is_taken_while_their_record_is_restricted(host, ann, ida):
    """Everything else of it waits for the officer."""
    one = interpreter(host)
    restricted = {"$set": {"restriction_id": new_id()}}
    host.database("case")["survivors"].update_one({"_id": ida}, restricted)
    assert never(ann, ida, interpreter_id=one).status_code == 201
    assert book(ann, ida, one).json["code"] == "processing-restricted"
    assert ann.get(f"/v1/survivors/{ida}/interpreting").json["code"] == "processing-restricted"
    host.database("case")["survivors"].update_one({"_id": ida}, {"$unset": {"restriction_id": ""}})
    assert refusals(ann, ida, one) == ["NEVER"]


def test_an_erasure_reaches_all_of_it(host, ann, ida):
    """Their key is gone, and nothing of it opens for anybody."""
    assert never(ann, ida, name="Planted").status_code == 201
    host.contexts["case"].survivor_keys.forget(ida)
    assert ann.get(f"/v1/survivors/{ida}/interpreting").status_code in (404, 410)
    assert never(ann, ida, name="Planted").status_code in (404, 410)
