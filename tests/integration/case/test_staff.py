"""Who is an advocate here: told by identity, and needed to be named a survivor's."""

from dataclasses import replace

import msgspec
import pytest

from services.identity.people.documents import UserStore
from services.identity.people.roster import state_roster
from services.identity.people.rules import Membership, User
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from tests.kit.tenant_place import EPISODE, TenantPlace


@pytest.fixture(scope="module")
def own_place(engines, tmp_path_factory):
    """A host of this module's own: once it knows its people, everybody else is nobody."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("staff"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def told(own_place):
    """The host after its job process told of everybody."""
    add(own_place, role="SUPERVISOR")
    state_roster(own_place.contexts["identity"].committer.execute)
    own_place.pump()
    return own_place


def add(place, role="IMSA", status="ACTIVE"):
    """Put a user into identity's database as identity keeps them, and let it say so."""
    user = User(
        id=new_id(), login_index=new_id(), login_sealed=b"x", name_sealed=b"x", password_hash="x",
        memberships=(Membership(organisation_id=str(place.tenant), role=role),), joined_duties=False, status=status,
    )  # fmt: skip

    def save(work):
        UserStore(work).save(user)
        return Answer(status=200)

    place.contexts["identity"].committer.execute(Command(run=save))
    place.pump()
    return user.id


def named(place, advocate_id):
    """Register somebody for an advocate, open an episode with one, assign one; gives what each answers."""
    survivor_id = place.survivor()
    answers = [
        place.post("/v1/survivors", {"advocate_id": advocate_id}),
        place.post("/v1/episodes", {**EPISODE, "survivor_id": survivor_id, "advocate_id": advocate_id}),
        place.post(f"/v1/survivors/{place.survivor()}/advocates", {"advocate_ids": [advocate_id]}),
    ]
    return [answer.status_code for answer in answers], {answer.json.get("code") for answer in answers}


def test_an_active_advocate_may_be_named(told):
    """Also one who was added after everybody was told of."""
    assert named(told, add(told)) == ([201, 201, 200], {None})


@pytest.mark.parametrize(("role", "status"), [("SUPERVISOR", "ACTIVE"), ("HOST_DPO", "ACTIVE"), ("IMSA", "SUSPENDED")])
def test_nobody_else_may(told, role, status):
    """Another role, or suspended: 409, nobody is registered, opened or assigned."""
    assert named(told, add(told, role, status)) == ([409, 409, 409], {"not-an-advocate"})


def test_somebody_of_whom_nothing_was_told_is_nobody(told):
    """Unknown fails closed."""
    assert named(told, new_id()) == ([409, 409, 409], {"not-an-advocate"})


def test_whoever_leaves_stays_where_they_are_until_a_supervisor_changes_it(told):
    """The set may be changed while somebody in it is no advocate any more; they are named nowhere anew."""
    leaver, follower = add(told), add(told)
    survivor_id = told.survivor(advocate_id=leaver)
    suspend(told, leaver)
    answer = told.post(f"/v1/survivors/{survivor_id}/advocates", {"advocate_ids": [leaver, follower]})
    assert answer.status_code == 200
    body = {**EPISODE, "survivor_id": survivor_id, "advocate_id": leaver}
    assert told.post("/v1/episodes", body).status_code == 409


def suspend(place, user_id):
    """As an administrator does."""

    def save(work):
        store = UserStore(work)
        store.save(replace(store.get(user_id), status="SUSPENDED"))
        return Answer(status=200)

    place.contexts["identity"].committer.execute(Command(run=save))
    place.pump()


def test_telling_of_everybody_again_changes_nothing(told):
    """The job starts with its process: the same people, the same numbers."""
    before = sorted(told.database("case")["staff"].find(), key=lambda d: d["_id"])
    state_roster(told.contexts["identity"].committer.execute)
    told.pump()
    after = sorted(told.database("case")["staff"].find(), key=lambda d: d["_id"])
    assert [{**d, "version": 0} for d in after] == [{**d, "version": 0} for d in before]


def test_roles_elsewhere_and_names_are_not_told(told):
    """An advocate of a partner organisation is none here; the event carries ids, roles and a flag."""
    add(told)
    bodies = [event["body"] for event in told.stated("identity", "staff_changed.v1")]
    assert all(set(body) == {"user_id", "roles", "active"} for body in map(msgspec.json.decode, bodies))


def test_until_everybody_was_told_of_only_known_strangers_are_refused(told):
    """The moments of an upgrade, before identity's job has run for the first time."""
    staff = told.database("case")["staff"]
    roster = staff.find_one_and_delete({"_id": "roster"})
    try:
        assert named(told, new_id())[0] == [201, 201, 200]
        assert named(told, add(told, "HOST_DPO"))[0] == [409, 409, 409]
    finally:
        staff.insert_one(roster)
