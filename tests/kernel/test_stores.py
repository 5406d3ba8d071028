"""A collection's things in a transaction: read and written by their declared fields, and nothing else is touched."""

from dataclasses import dataclass

import pytest

from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.documents import DocumentType, Field, FieldMisdeclaredError, Holds, Store
from shared.outbox.unit_of_work import DocumentMissingError
from tests.kit.kernel_rig import EFFECTS

pytestmark = pytest.mark.integration


@dataclass(frozen=True, kw_only=True)
class Lamp:
    id: str
    colours: tuple[str, ...]
    broken_at: str | None = None
    version: int = 0


LAMP = DocumentType(
    collection=EFFECTS,
    fields=(
        Field(name="colours", holds=Holds.CODE, write=list, read=tuple),
        Field(name="broken_at", holds=Holds.CODE, sparse=True),
    ),
)


@pytest.fixture
def do(store):
    """Carries out one step on the lamps in a transaction of its own, and gives what the step gave."""
    committer = store.committer()

    def carried_out(step):
        given = []

        def run(work):
            given.append(step(Store(work, LAMP, Lamp)))
            return Answer(status=200)

        committer.execute(Command(run=run))
        return given[-1]

    return carried_out


@pytest.fixture
def lamp(do):
    made = Lamp(id=new_id(), colours=("RED", "BLUE"))
    do(lambda lamps: lamps.add(made))
    return made


def test_what_comes_later_is_not_written_before(store, do, lamp):
    """A new document has no such field, and a query can tell; then it stands there."""
    assert store.database[EFFECTS].count_documents({"_id": lamp.id, "broken_at": {"$exists": False}}) == 1
    assert do(lambda lamps: lamps.get(lamp.id)) == Lamp(id=lamp.id, colours=("RED", "BLUE"), version=1)
    do(lambda lamps: lamps.change(lamp.id, broken_at="MONDAY"))
    assert do(lambda lamps: lamps.get(lamp.id)).broken_at == "MONDAY"


def test_a_change_leaves_what_it_does_not_name(store, do, lamp):
    """Also what another version wrote there and this one does not know; the version goes up by one."""
    store.database[EFFECTS].update_one({"_id": lamp.id}, {"$set": {"from_tomorrow": 1}})
    do(lambda lamps: lamps.change(lamp.id, colours=("GREEN",)))
    kept = store.database[EFFECTS].find_one({"_id": lamp.id})
    assert (kept["colours"], kept["from_tomorrow"], kept["version"]) == (["GREEN"], 1, 2)


def test_two_changes_in_one_transaction_are_both_there(do, lamp):
    """The second stands on the first, whatever was read before; each counts as a version."""

    def twice(lamps):
        lamps.change(lamp.id, colours=("GREEN",))
        lamps.change(lamp.id, broken_at="TUESDAY")

    do(twice)
    assert do(lambda lamps: lamps.get(lamp.id)) == Lamp(id=lamp.id, colours=("GREEN",), broken_at="TUESDAY", version=3)


def test_what_is_looked_for(do, lamp):
    """By id or by a query, as things; what is not there is None, or an error where it must be."""
    assert [one.id for one in do(lambda lamps: lamps.where({"colours": "RED"}, limit=1))] == [lamp.id]
    assert do(lambda lamps: lamps.find("nobody")) is None
    with pytest.raises(DocumentMissingError):
        do(lambda lamps: lamps.get("nobody"))
    do(lambda lamps: lamps.delete(lamp.id))
    assert do(lambda lamps: lamps.find(lamp.id)) is None


def test_no_field_is_changed_that_nobody_declared(do, lamp):
    """A misspelt name is an error, and never a new field."""
    with pytest.raises(FieldMisdeclaredError, match="colour"):
        do(lambda lamps: lamps.change(lamp.id, colour="GREEN"))
