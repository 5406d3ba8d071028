"""What an outsider is given over HTTP is verified by the one file that knows nothing of us."""

from datetime import timedelta

import pytest

from client import audit_verifier
from client.audit_export import write_export
from services.audit.checkpoints.signing import Signing
from services.audit.log.clearing import clear_erased
from services.audit.tree.appending import append_waiting
from shared.contracts.case import SurvivorErased
from shared.outbox.commands import Answer, Command
from tests.kit.audited import batch_of, hear


@pytest.fixture
def api(place):
    """The API as a client of the data protection officer sees it."""

    def get(path, role="HOST_DPO", **query):
        answer = place.app.test_client().get(path, query_string=query, headers=place.headers(role))
        assert answer.status_code == 200, answer.json
        return answer.json

    return get


@pytest.fixture
def keys(context, api, tmp_path):
    """What an outsider was given once the log was signed for the first time."""
    hear(context, batch_of(2))
    sign(context)
    file = tmp_path / "keys"
    file.write_text("\n".join(api("/v1/audit/log")["keys"]) + "\n")
    return file


def sign(context):
    append_waiting(context)
    return Signing(context).run()


def verify(capsys, *words):
    code = audit_verifier.main([str(word) for word in words])
    return code, capsys.readouterr().out


def test_a_hosts_log_is_verified_by_an_outsider(place, context, api, keys, tmp_path, capsys):
    """Days apart, the later export begins with the checkpoint of the earlier one; nobody is named in it."""
    survivor_id = place.survivor()
    place.get(f"/v1/survivors/{survivor_id}")
    place.pump()
    place.at(context.clock.now() + timedelta(minutes=2))
    sign(context)
    first = write_export(api, tmp_path / "first")
    for _ in range(3):
        hear(context, batch_of(200))
    place.at(context.clock.now() + timedelta(minutes=2))
    sign(context)
    second = write_export(api, tmp_path / "second")
    assert second["entries"] >= first["entries"] + 600
    kept = tmp_path / "first" / "checkpoint"
    # The test's clock is ahead of the verifier's, which believes nothing of tomorrow; four minutes it lets pass.
    code, said = verify(capsys, "log", tmp_path / "second", "--keys", keys, "--earlier", kept)
    assert code == 0, said
    assert f"begins with the {first['entries']} entries" in said
    written = b"".join(file.read_bytes() for file in (tmp_path / "second").rglob("*") if file.is_file())
    assert survivor_id.encode() not in written
    assert place.actor("SUPERVISOR").encode() not in written


def test_one_entry_is_proven_in_a_file_of_its_own(place, context, api, keys, tmp_path, capsys):
    """Who read whose record; once they are erased, only that it was read."""
    survivor_id = place.survivor()
    place.get(f"/v1/survivors/{survivor_id}")
    place.pump()
    place.at(context.clock.now() + timedelta(minutes=2))
    (read,) = [
        one for one in api("/v1/audit/entries", object_id=survivor_id)["items"] if one["action"] == "case:survivor:read"
    ]
    refused = place.get(f"/v1/audit/entries/{read['id']}/proof", "HOST_DPO")
    assert (refused.status_code, refused.json["code"]) == (503, "not-signed-yet")
    sign(context)
    file = tmp_path / "read.tlog-proof"
    file.write_text(api(f"/v1/audit/entries/{read['id']}/proof")["proof"])
    code, said = verify(capsys, "proof", file, "--keys", keys)
    assert code == 0, said
    assert f"case:survivor:read (ALLOWED) as SUPERVISOR at {read['at'][:19]}" in said
    assert f"actor: {place.actor('SUPERVISOR')}; object: {survivor_id}" in said

    def erase(work):
        work.record(SurvivorErased(survivor_id=survivor_id), sequence=1)
        return Answer(status=200)

    place.contexts["case"].committer.execute(Command(run=erase))
    place.pump()
    clear_erased(context)
    later = tmp_path / "erased.tlog-proof"
    later.write_text(api(f"/v1/audit/entries/{read['id']}/proof")["proof"])
    code, said = verify(capsys, "proof", later, "--keys", keys)
    assert code == 0, said
    assert "object: erased" in said
    assert survivor_id not in later.read_text()


def test_who_may_not_read_the_log_is_told_nothing(place, context, keys):
    """An advocate finds none of these addresses; whoever may read it finds no entry that is not there."""
    for path in ("/v1/audit/log", "/v1/audit/log/leaves", "/v1/audit/entries/x/proof"):
        assert place.get(path, "IMSA").status_code == 404
    assert place.get("/v1/audit/entries/x/proof", "HOST_DPO").status_code == 404


@pytest.mark.parametrize("query", ["first=-1", "limit=0", "limit=1001", "first=x", "other=1"])
def test_a_query_that_is_not_right_is_pointed_at(place, context, keys, query):
    """422, and not an empty page that looks like the end."""
    assert place.get(f"/v1/audit/log/leaves?{query}", "HOST_DPO").status_code == 422


def test_before_the_first_signature_nothing_is_shown(place, context, api):
    """A log that was not signed proves nothing."""
    hear(context, batch_of(1))
    append_waiting(context)
    log = api("/v1/audit/log")
    assert (log["signed_size"], log["checkpoint"], log["keys"]) == (0, None, [])
    assert api("/v1/audit/log/leaves") == {"first": 0, "items": [], "next": None}
