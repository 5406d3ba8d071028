"""Routes as data: right, then owner, then body; and what a route derives from what it says of itself."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from marshmallow import fields, validate

from shared.kernel.errors import NotTheirsError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, DomainCommand
from shared.web.routes import ANYBODY, Route, RouteGroup, RouteMisdescribedError, Subject, Told, Whose
from shared.web.schemas import AnswerSchema, StrictSchema
from tests.kit.web_place import audited, keyed, web_place

OWNER, STRANGER = "ada", "eve"


class NameSchema(StrictSchema):
    name = fields.String(required=True, validate=validate.Length(max=5))


class OfSchema(NameSchema):
    owner = fields.String(required=True)


@dataclass(frozen=True, kw_only=True)
class Name(DomainCommand):
    action: ClassVar[str] = "case:thing:name"
    thing_id: str
    owner: str

    @property
    def object_id(self):
        return self.thing_id


def name_it(command: Name, work, *, colour="none"):
    work.insert("things", {"_id": command.thing_id, "owner": command.owner, "colour": colour, "updated_at": work.now})
    return Answer(status=201, ids={"id": command.thing_id, "version": 1})


def is_theirs(who, subject):
    return who.actor_id == subject.id


def check_theirs(work, subject, who):
    """As it stands in the transaction: a document there may say that it is somebody else's by now."""
    taken = work.find("things", f"taken:{subject.id}")
    if taken is not None or not is_theirs(who, subject):
        raise NotTheirsError


def group(database):
    def to_name(asked):
        command = Name(thing_id=new_id(), owner=asked.about.id)
        return Told(command=command, shown_once=lambda answer: {"secret": f"of-{answer.ids['id']}"})

    by_path = Whose(find=lambda asked: Subject(id=asked.path["owner"]), allows=is_theirs, check=check_theirs)
    by_body = Whose(
        find=lambda asked: Subject(id=asked.body["owner"]), allows=is_theirs, check=check_theirs, in_body=True
    )
    common = {"says": "Do it.", "roles": ["IMSA"], "command": to_name, "by": name_it, "gives": AnswerSchema}
    return RouteGroup(
        name="owned",
        about="Owned things",
        routes=[
            Route(method="POST", path="/v1/of/<owner>/things", whose=by_path, body=NameSchema, status=201, **common),
            Route(
                method="POST", path="/v1/things", whose=by_body, body=OfSchema, status=201,
                needs=lambda command: {"colour": f"{command.owner}-blue"}, location="/v1/things/{id}", **common,
            ),
            Route(
                method="GET", path="/v1/of/<owner>/things", says="Count.", roles=["IMSA", "SUPERVISOR"], whose=by_path,
                view=lambda asked: {"n": database["things"].count_documents({"owner": asked.about.id}), "version": 7},
                action="case:thing:count",
            ),
            Route(
                method="GET", path="/v1/now", says="Say yes.", roles=ANYBODY, view=lambda _: [{"yes": True}],
                also=lambda who: who.role != "IMSA", action="case:now:read",
            ),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def stack(engines):
    with web_place(engines, group) as place:
        yield place


@pytest.fixture
def http(stack):
    return stack.app.test_client()


def of(stack, actor, role="IMSA"):
    return {"Authorization": f"Bearer {stack.token(role, actor=actor)}"}


class TestOwner:
    @pytest.mark.parametrize("sent", [{"json": {"name": "far too long"}}, {"data": b"{", "content_type": "text/x"}])
    def test_a_stranger_learns_nothing_of_what_a_body_must_be(self, stack, http, sent):
        """The owner is told from the address, so the body of somebody else is never read: 404, audited with its id."""
        stranger = new_id()
        answer = http.post(f"/v1/of/{OWNER}/things", headers=keyed(of(stack, stranger)), **sent)
        assert answer.status_code == 404
        (refused,) = audited(stack, actor_id=stranger)
        assert (refused["outcome"], refused["object_id"]) == ("REFUSED", OWNER)
        assert refused["action"] == "case:thing:name"

    def test_an_owner_is_told_what_is_wrong(self, stack, http):
        """Whose it is gets the body's problems."""
        answer = http.post(f"/v1/of/{OWNER}/things", json={"name": "far too long"}, headers=keyed(of(stack, OWNER)))
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/name")

    def test_an_owner_in_the_body_is_judged_as_strictly(self, stack, http):
        """Another's name in the body is the 404 of an unknown address, and nothing is written."""
        before = stack.database["things"].count_documents({})
        answer = http.post("/v1/things", json={"owner": OWNER, "name": "x"}, headers=keyed(of(stack, STRANGER)))
        assert answer.status_code == 404
        assert stack.database["things"].count_documents({}) == before

    def test_who_may_act_is_asked_once_more_in_the_transaction(self, stack, http):
        """Somebody who was let in a moment ago, and is no longer, writes nothing."""
        actor = new_id()
        stack.database["things"].insert_one({"_id": f"taken:{actor}", "version": 1})
        answer = http.post("/v1/things", json={"owner": actor, "name": "x"}, headers=keyed(of(stack, actor)))
        assert answer.status_code == 404
        assert stack.database["things"].find_one({"owner": actor}) is None
        assert [a["outcome"] for a in audited(stack, actor_id=actor)] == ["REFUSED"]

    def test_a_view_is_judged_too(self, stack, http):
        """A role that may read does not open another's."""
        path = f"/v1/of/{OWNER}/things"
        assert http.get(path, headers=of(stack, STRANGER, "SUPERVISOR")).status_code == 404
        assert http.get(path, headers=of(stack, OWNER, "SUPERVISOR")).status_code == 200

    def test_one_more_condition_can_refuse_whom_the_role_lets_in(self, stack, http):
        """Everybody with a token, but for those whom the condition leaves out."""
        assert http.get("/v1/now", headers=of(stack, OWNER)).status_code == 404
        assert http.get("/v1/now", headers=of(stack, OWNER, "HOST_DPO")).json == {
            "items": [{"yes": True}],
            "next": None,
        }


class TestDerived:
    def test_a_command_says_what_it_is_and_needs(self, stack, http):
        """Audit has its action and object; what was made beforehand reaches it; address, version and secret go out."""
        actor = new_id()
        answer = http.post("/v1/things", json={"owner": actor, "name": "x"}, headers=keyed(of(stack, actor)))
        thing_id = answer.json["id"]
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/v1/things/{thing_id}"
        assert answer.headers["ETag"] == '"1"'
        assert answer.json["secret"] == f"of-{thing_id}"
        assert stack.database["things"].find_one({"_id": thing_id})["colour"] == f"{actor}-blue"
        (done,) = audited(stack, actor_id=actor)
        assert (done["action"], done["object_id"], done["outcome"]) == ("case:thing:name", thing_id, "ALLOWED")

    def test_a_view_has_its_name_object_and_version(self, stack, http):
        """The last part of the address is what was read, and the version is the ETag."""
        actor = new_id()
        answer = http.get(f"/v1/of/{actor}/things", headers=of(stack, actor))
        assert (answer.json["n"], answer.headers["ETag"]) == (0, '"7"')
        (read,) = audited(stack, actor_id=actor)
        assert (read["action"], read["object_id"]) == ("case:thing:count", actor)


@pytest.mark.parametrize(
    "said",
    [
        {"roles": ["IMSA"]},
        {"roles": ["IMSA"], "command": lambda _: None},
        {"view": lambda _: {}, "action": "case:x:y"},
        {"roles": ["IMSA"], "open": True, "answered_by": lambda _, __: None},
        {"open": True, "view": lambda _: {}, "action": "case:x:y"},
        {"roles": ["IMSA"], "view": lambda _: {}},
        {"roles": ["IMSA"], "view": lambda _: {}, "action": "case:x:y", "command": lambda _: None, "by": name_it},
    ],
)
def test_a_route_that_does_not_say_enough_is_never_served(said):
    """Nothing behind it, no right stated, both open and closed, or a view that audit could not name."""
    with pytest.raises(RouteMisdescribedError):
        Route(method="GET", path="/v1/x", says="X.", **said)
