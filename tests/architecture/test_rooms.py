"""Services are folders of rooms with the same few file names, and their wiring is the list of them."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from shared.contracts.case import EpisodeOpened
from shared.kernel.tenancy import BOARD, CUSTODIAN, TENANT_SERVICES
from shared.outbox.hearings import Hearing
from shared.runtime.rooms import PARTS, NoSuchPartError, OrdersDifferError, Room, _together, service_of
from tests.kit.tenant_place import HOST_WIDE

ROOT = Path(__file__).resolve().parents[2]
SERVICES = (*TENANT_SERVICES, BOARD, CUSTODIAN)
# What a room keeps to itself: another room neither answers its requests nor hears, shows or repeats for it.
OWN = ("routes", "pages", "facts", "jobs", "grant")


def rooms():
    return [room for service in SERVICES for room in service_of(service).rooms]


def folder(room):
    return ROOT / room.package.replace(".", "/")


@pytest.mark.parametrize("service", SERVICES)
def test_a_wiring_is_the_list_of_the_service_s_rooms(service):
    """A line for each room and at most 25 more, and every folder that has a room.py is on the list."""
    wiring = ROOT / "services" / service / "wiring.py"
    listed = {room.package for room in service_of(service).rooms}
    assert len(wiring.read_text(encoding="utf-8").splitlines()) <= len(listed) + 25
    there = {f"services.{service}.{file.parent.name}" for file in (ROOT / "services" / service).glob("*/room.py")}
    assert listed == there


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.package)
def test_a_room_names_the_parts_that_it_has(room):
    """A file that nobody names is never loaded; a name without a file ends the process."""
    files = {file.stem for file in folder(room).glob("*.py")} & PARTS
    composed = {name for name in files if hasattr(importlib.import_module(f"{room.package}.{name}"), _entry(name))}
    assert composed == room.parts


def _entry(part):
    return {"documents": "TYPES", "facts": "hearings"}.get(part, part)


def test_rooms_keep_their_edges_to_themselves():
    """No module of a service imports another room's routes, pages, facts or jobs."""
    found = []
    for file in (ROOT / "services").rglob("*.py"):
        own = ".".join(file.relative_to(ROOT).parts[:3])
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in names:
                parts = name.split(".")
                if parts[0] == "services" and len(parts) > 3 and parts[3] in OWN and ".".join(parts[:3]) != own:
                    found.append(f"{file.relative_to(ROOT)}: {name}")
    assert found == []


def test_services_holds_services_and_what_starts_them():
    """Process machinery has its place in shared/runtime."""
    there = {path.name for path in (ROOT / "services").iterdir() if path.name != "__pycache__"}
    assert there == {*SERVICES, "__init__.py", "run.py"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_collection_is_declared_once_with_what_it_holds(service):
    """Each has a name of its own, and fields that say what they hold of a person."""
    types = service_of(service).document_types
    assert all(one.fields for one in types)
    assert service_of(service).collections == tuple(dict.fromkeys(one.collection for one in types))


def test_a_part_that_no_room_has_is_refused():
    """A spelling mistake is found when the process starts."""
    with pytest.raises(NoSuchPartError):
        Room("services.case.episodes", "routs")


class TestTwoRoomsHearOneEvent:
    def test_both_are_told_and_read_for(self):
        """One after the other in one transaction, and a batch reads for both."""
        told = []
        hearings = [
            Hearing(event=EpisodeOpened, handle=lambda *_, n=n: told.append(n), preload=lambda _, n=n: [("c", str(n))])
            for n in (1, 2, 3)
        ]
        (one,) = _together(hearings)
        one.handle(None, None)
        assert told == [1, 2, 3]
        assert list(one.preload(None)) == [("c", "1"), ("c", "2"), ("c", "3")]

    def test_one_queue_keeps_one_order(self):
        """Two orders for one event would lose facts of one of the rooms."""
        hearings = [Hearing(event=EpisodeOpened, handle=lambda *_: None, order=o) for o in ("latest", "any_order")]
        with pytest.raises(OrdersDifferError):
            _together(hearings)


def walks():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    found = re.findall(
        r"^- \*\*(.*?)\*\* \(`(services/\w+/)`\): (.*?)(?=\n\n|\n- )", text, flags=re.MULTILINE | re.DOTALL
    )
    return [pytest.param(ROOT / place, re.findall(r"`([\w/]+\.py)`", files), id=name) for name, place, files in found]


@pytest.mark.parametrize(("place", "files"), walks())
def test_a_walk_is_short_and_visits_nothing_twice(place, files):
    """At most twelve files from the request to the stored document, each of them there."""
    assert 8 <= len(files) <= 12
    assert len(set(files)) == len(files)
    assert [file for file in files if not (place / file).is_file()] == []


def test_there_are_three_walks():
    """A consent, a row of a file, a contribution."""
    assert len(walks()) == 3


def test_whatever_a_host_states_once_is_taken_back_between_modules_of_tests():
    """A setting of the whole host that one module left behind would decide in another, and only on some workers."""
    stated = {
        (service, word)
        for service in TENANT_SERVICES
        for file in (ROOT / "services" / service).glob("*/documents.py")
        for word in re.findall(r'^THE_[A-Z]+ = "(\w+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert stated == {(service, word) for (service, _), word in HOST_WIDE.items()}
    known = {(service, one) for service, _ in HOST_WIDE for one in service_of(service).collections}
    assert set(HOST_WIDE) <= known
