"""Keys of uploads where an api may not write, where they run out, and of uploads that an older version took in."""

import os

import pytest
from bson import Binary
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.case.strongroom.documents import key_id, strongroom_of
from services.case.strongroom.upload_keys import SPARE, NoSpareKeyError, UploadKeys, Use
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.keys.spare_keys import SpareKeys
from tests.kit.import_files import export, line, references

pytestmark = pytest.mark.integration


class ReadOnly(SpareKeys):
    """The folder as an api of a cluster has it."""

    def make(self):
        return None

    def destroy(self, name):
        return self.load(name) is None


@pytest.fixture
def claims(place):
    """The collection of uploads, with no claim but a test's own."""
    collection = place.database("strongroom")["imports"]
    yield collection
    collection.delete_many({"use": {"$exists": True}, "of": {"$regex": "^of-a-test"}})


def test_who_may_not_write_takes_what_lies_ready(claims, tmp_path):
    """Each key goes to one upload, and comes again for the same; the last one taken, the next is refused."""
    job, api = UploadKeys(claims, SpareKeys(tmp_path)), UploadKeys(claims, ReadOnly(tmp_path))
    with pytest.raises(NoSpareKeyError):
        api.take("of-a-test-0", Use.UPLOAD)
    job.make_ready()
    given = [api.take(f"of-a-test-{number}", Use.UPLOAD) for number in range(SPARE)]
    assert len(set(given)) == SPARE
    assert api.take("of-a-test-0", Use.UPLOAD) == given[0]
    with pytest.raises(NoSpareKeyError):
        api.take("of-a-test-0", Use.PLAN)
    job.make_ready()
    assert api.take("of-a-test-0", Use.PLAN) not in given


def test_what_an_api_could_not_destroy_stays_claimed_until_the_job_does(claims, tmp_path):
    """A key that still lies there is nobody else's meanwhile."""
    job, api = UploadKeys(claims, SpareKeys(tmp_path)), UploadKeys(claims, ReadOnly(tmp_path))
    job.make_ready()
    first = api.take("of-a-test-1", Use.UPLOAD)
    api.end("of-a-test-1")
    others = [api.take(f"of-a-test-other-{number}", Use.UPLOAD) for number in range(SPARE - 1)]
    assert first not in others
    job.end("of-a-test-1")
    assert api.find("of-a-test-1", Use.UPLOAD) is None
    assert len(list(tmp_path.iterdir())) == SPARE - 1


def test_a_key_that_was_destroyed_a_moment_ago_is_not_taken(claims, tmp_path, monkeypatch):
    """A shared disk may name a file that is gone: the next one is taken, and nothing is left claimed."""
    keys = SpareKeys(tmp_path)
    gone = keys.make()
    keys.destroy(gone)
    there = keys.make()
    monkeypatch.setattr(keys, "names", lambda: frozenset({gone, there}))
    assert UploadKeys(claims, keys).take("of-a-test-2", Use.UPLOAD) == keys.load(there)
    assert [one["_id"] for one in claims.find({"of": "of-a-test-2"})] == [f"key/{there}"]


def test_a_key_that_another_process_took_meanwhile_is_not_taken(claims, tmp_path, monkeypatch):
    """Two that look at the same moment: the one that writes later goes on to the next key."""
    job = UploadKeys(claims, SpareKeys(tmp_path))
    job.make_ready()
    slow = UploadKeys(claims, SpareKeys(tmp_path))
    look, calls = slow._claims, []

    def looked(of):
        found = look(of)
        if not of and not calls:
            calls.append(job.take("of-a-test-3", Use.UPLOAD))
        return found

    monkeypatch.setattr(slow, "_claims", looked)
    assert slow.take("of-a-test-4", Use.UPLOAD) not in calls
    assert calls


def test_an_upload_without_a_key_is_refused_for_now(place, monkeypatch):
    """503 with a time to come again, and nothing of the file is kept."""
    collection = place.database("strongroom")["imports"]
    before = collection.count_documents({})
    monkeypatch.setattr(SpareKeys, "names", lambda _self: frozenset())
    monkeypatch.setattr(SpareKeys, "make", lambda _self: None)
    answer = place.post("/v1/imports", export(line(references(1)[0])), "HOST_DPO")
    assert (answer.status_code, answer.json["code"]) == (503, "no-upload-key")
    assert "Retry-After" in answer.headers
    assert collection.count_documents({}) == before


def test_the_job_keeps_keys_ready(place):
    """After each run as many lie ready as an api may need."""
    place.run_imports()
    folder = place.contexts["case"].settings.tenant_key_file.with_name("uploads")
    taken = place.database("strongroom")["imports"].distinct("_id", {"use": {"$exists": True}})
    spare = SpareKeys(folder).names() - {name.removeprefix("key/") for name in taken}
    assert len(spare) >= SPARE


def test_what_lay_unused_for_a_day_is_replaced(claims, tmp_path):
    """A key whose claim was lost with a restored database is nobody's spare key for ever; one in use stays."""
    keys = SpareKeys(tmp_path)
    job = UploadKeys(claims, keys)
    job.make_ready()
    in_use = job.take("of-a-test-5", Use.UPLOAD)
    before = keys.names()
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    job.make_ready()
    assert job.find("of-a-test-5", Use.UPLOAD) == in_use
    assert len(keys.names() & before) == 1
    assert len(keys.names()) == SPARE + 1
    assert not claims.find_one({"of": "nobody"})


def test_what_an_older_version_took_in_is_still_read(place):
    """It was sealed under its row of the key table alone."""
    import_id, nonce = new_id(), os.urandom(12)
    context = place.contexts["case"]
    key = context.survivor_keys.get_or_create_many({key_id(import_id)})[key_id(import_id)]
    kept = nonce + AESGCM(key).encrypt(nonce, b"as it was", import_id.encode())
    document = {"_id": import_id, "sealed": Binary(kept), "put_at": real_now(), "of": import_id}
    place.database("strongroom")["imports"].insert_one(document)
    room = strongroom_of(context)
    assert room.get(import_id) == b"as it was"
    room.remove(import_id)
    assert room.get(import_id) is None
