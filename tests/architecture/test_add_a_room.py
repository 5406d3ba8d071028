"""The how-to "Add a room", carried out in a copy of the tree: one new folder, one line of wiring, and it works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "add-a-room.md"
BLOCK = re.compile(r"```python (?P<kind>file|line)=(?P<name>[\w.]+)\n(?P<text>.*?)```", re.DOTALL)

_ASK = """
import sys
from types import SimpleNamespace

from pymongo import MongoClient

from shared.contracts.case import EpisodeOpened
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.kernel.messages import Received
from shared.kernel.tenancy import TenantId
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.runtime.rooms import service_of
from tests.kit import web_place

import services
assert services.__file__.startswith(sys.argv[2]), services.__file__
consent = service_of("consent")
web_place.COLLECTIONS = ("outbox", "inbox", "idempotency", *consent.collections)
engines = SimpleNamespace(mongod=SimpleNamespace(admin_uri=lambda: sys.argv[1]))


def umbrellas(database):
    context = SimpleNamespace(client=database.client, database_name=database.name)
    (group,) = (one for one in consent.rooms[-1].part("routes").routes(context))
    return group


with web_place.web_place(engines, umbrellas) as place:
    context = SimpleNamespace(client=place.database.client, database_name=place.database.name)
    (hearing,) = (one for one in consent.hearings(context) if one.event is EpisodeOpened)
    episode, survivor = new_id(), new_id()
    fact = EpisodeOpened(episode_id=episode, survivor_id=survivor, advocate_id=None, nation_of_support="WALES")
    received = Received(
        event=fact, event_id=new_id(), sequence=1, stream_n=1, recorded_at=real_now(), sender=str(place.tenant)
    )
    committer = Committer(
        client=place.database.client, database=place.database.name, tenant_id=TenantId(str(place.tenant)),
        service="consent", now=real_now,
    )
    committer.execute(Command(run=lambda work: (hearing.handle(received, work), Answer(status=200))[1]))
    committer.close()
    assert place.database["people"].find_one({"_id": survivor}), "the other room was not told"
    http, who = place.app.test_client(), {"Authorization": f"Bearer {place.token('SUPERVISOR')}"}
    address = f"/v1/umbrellas/{episode}"
    read = http.get(address, headers=who)
    assert (read.json["colour"], read.headers["ETag"]) == ("GREY", '"1"'), read.json
    painted = http.post(f"{address}/paint", json={"colour": "GREEN"}, headers=web_place.keyed(who))
    assert (painted.status_code, painted.headers["ETag"]) == (200, '"2"'), painted.json
    assert http.get(address, headers=who).json["colour"] == "GREEN"
    stranger = {"Authorization": f"Bearer {place.token('IMSA')}"}
    assert http.post(f"{address}/paint", data=b"{", headers=web_place.keyed(stranger)).status_code == 404
    actions = [a["action"] for a in web_place.audited(place) if a["outcome"] == "ALLOWED"]
    assert "consent:umbrella:paint" in actions, actions
    assert "/v1/umbrellas/{umbrella_id}/paint" in http.get("/openapi.json").json["paths"]
print("umbrellas work")
"""


@pytest.fixture
def copied(tmp_path):
    """The product's tree with the room of the page added: files in one new folder, and one entry in the wiring."""
    for name in ("services", "shared"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    blocks = list(BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
    folder = tmp_path / "services" / "consent" / "umbrellas"
    folder.mkdir()
    for block in blocks:
        if block["kind"] == "file":
            (folder / block["name"]).write_text(block["text"], encoding="utf-8")
    (line,) = (block["text"] for block in blocks if block["kind"] == "line")
    wiring = tmp_path / "services" / "consent" / "wiring.py"
    content = wiring.read_text(encoding="utf-8")
    assert content.count("ROOMS = (") == 1
    added = re.sub(r"^ROOMS = \((.*?),?\s*\)$", r"ROOMS = (\1, UMBRELLAS)", content, flags=re.MULTILINE | re.DOTALL)
    wiring.write_text(added.replace("\nROOMS", f"\n{line}\nROOMS", 1), encoding="utf-8")
    return tmp_path


def test_a_room_of_the_page_works_as_it_stands(copied, engines):
    """It hears beside another room, answers under its rights, is audited and described, with nothing else touched."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _ASK, engines.mongod.admin_uri(), str(copied)],
        cwd=copied,
        env={**os.environ, "PYTHONPATH": f"{copied}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "umbrellas work\n"), done.stderr[-3000:]


def test_the_page_s_code_is_as_tidy_as_ours(copied):
    """What people copy from the page passes the linter and the type checker."""
    folder = copied / "services" / "consent" / "umbrellas"
    tools = ROOT / ".venv" / "bin"
    for command in (
        [tools / "ruff", "check", "--config", ROOT / "pyproject.toml", folder],
        [tools / "ruff", "format", "--check", "--config", ROOT / "pyproject.toml", folder],
    ):
        done = subprocess.run(list(map(str, command)), cwd=copied, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
