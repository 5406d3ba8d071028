"""The published tables of two quarters, as host exports, through the real stack, against the oracle."""

import json
from datetime import timedelta

import pytest
from pymongo import MongoClient

from shared.codelists.periods import Period
from shared.kernel.tenancy import BOARD, CUSTODIAN, vhost_name
from tests.kit.pilot import Pilot
from tests.kit.wire_tap import WireTap, numbers
from tests.oracle import oracle

pytestmark = [
    pytest.mark.integration,
    # A dozen hosts each, with all their processes: beside three other workers their engines starve.
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(oracle.folder() is None, reason="the real tables do not lie beside the project"),
]

WORDING = "stats-2023-1"
EXPECTED_TABLES = {
    "2023q3": {
        "GENDER": 1,
        "EXPLOITATION_LABOUR": 1,
        "EXPLOITATION_SEXUAL": 1,
        "EXPLOITATION_CRIMINAL": 0,
        "EXPLOITATION_DOMESTIC": 1,
        "REGION_OF_NATIONALITY": 2,
    },
    "2023q4": {
        "GENDER": 1,
        "EXPLOITATION_LABOUR": 1,
        "EXPLOITATION_SEXUAL": 1,
        "EXPLOITATION_CRIMINAL": 1,
        "EXPLOITATION_DOMESTIC": 1,
        "REGION_OF_NATIONALITY": 2,
    },
}


@pytest.mark.parametrize("quarter", ["2023q3", "2023q4"])
def test_a_quarter_from_the_files_to_the_release(quarter, make_layout):
    """Every row has the fate the oracle says, the release is the true counts rounded, and nothing leaks."""
    truth = oracle.count(quarter)
    # Tables belong to a year: here a year in which nobody came but those of one quarter.
    period = quarter[:4]
    paths = oracle.files(quarter)
    # After the last consent and before the seal.
    pilot = Pilot(make_layout(), paths, now=Period.parse(period).seal_at() - timedelta(hours=20))
    try:
        _run(pilot, quarter, period, paths, truth)
    finally:
        pilot.close()


def _run(pilot, quarter, period, paths, truth):
    tap = WireTap(pilot.stack.engines.rabbit, [vhost_name(BOARD), vhost_name(CUSTODIAN)])
    pilot.board.post("/v1/tasks", {"period": period, "plan": "year-v1", "roster": list(paths)})
    reports = {host: pilot.import_file(host, path.read_bytes()) for host, path in paths.items()}
    totals = {
        k: sum(r["counts"].get(k, 0) for r in reports.values())
        for k in ("ACCEPTED", "POSSIBLE_CHILD", "HELD", "QUARANTINED")
    }
    assert totals == {"ACCEPTED": truth.adults, "POSSIBLE_CHILD": truth.children, "HELD": truth.held, "QUARANTINED": 0}
    tasks = [t for host in paths for t in pilot.as_(host, "safeguarding").get("/v1/safeguarding-tasks")["items"]]
    assert len(tasks) == truth.children
    assert all(t["urgent"] for t in tasks)
    assert all(r["dropped_columns"] == ["Notes"] for r in reports.values())

    # The twin: while nobody has registered the words, nobody is counted.
    adults = {host: report["counts"].get("ACCEPTED", 0) for host, report in reports.items()}
    for host in paths:
        before = pilot.settled_preview(host, period, episodes=adults[host])
        assert before["figures"]["people"] == 0

    previews = {}
    for host in paths:
        pilot.register_wording(host, WORDING)
        pilot.until(
            f"{host}'s consents",
            lambda host=host: (
                pilot.settled_preview(host, period, episodes=adults[host])["figures"]["people"] == truth.effective[host]
            ),
        )
        previews[host] = pilot.preview(host, period)
    reasons = {}
    for preview in previews.values():
        for line in preview["figures"]["left_out"]:
            reasons[line["reason"]] = reasons.get(line["reason"], 0) + line["episodes"]
    assert reasons == {"RECONFIRM_REQUIRED": truth.reconfirm, "REFUSED": truth.refused, "UNKNOWN": truth.unknown}

    _again_and_corrected(pilot, period, paths, adults, previews, {h: r["counts"] for h, r in reports.items()})
    for host in paths:
        pilot.sign(host, period)
    pilot.seal_all(period)
    task = pilot.close_period(period)
    assert task["state"] == "PROTECTED"
    release = pilot.publish(period)
    _check_release(release, quarter, truth)
    _check_centre(pilot, quarter, period, paths, tap.read())


def _again_and_corrected(pilot, period, paths, adults, previews, counts):
    """The same file changes nothing; a corrected one changes only what changed, and back."""
    host = max(adults, key=adults.get)
    first = counts[host]
    content = paths[host].read_bytes()
    again = pilot.import_file(host, content)["counts"]
    # Who waits for a person waits again; of all others nothing changes.
    waiting = {k: v for k, v in first.items() if k in {"POSSIBLE_CHILD", "HELD", "DUPLICATE"} and v}
    assert {k: v for k, v in again.items() if v} == {**waiting, "UNCHANGED": first["ACCEPTED"]}
    assert pilot.preview(host, period)["digest"] == previews[host]["digest"]

    lines = content.decode().split("\r\n")
    # A counted adult woman, so that the figures must move.
    at = next(
        n
        for n, line in enumerate(lines)
        if "Adult (18 or over),Female" in line and ",Given," in line and ",Yes," in line
    )
    lines[at] = lines[at].replace(",Female,", ",Male,", 1)
    corrected = pilot.import_file(host, "\r\n".join(lines).encode())["counts"]
    assert corrected.get("CHANGED") == 1
    assert corrected["UNCHANGED"] == first["ACCEPTED"] - 1
    females = previews[host]["figures"]["tables"]["GENDER"]["FEMALE"]
    pilot.until(
        "the corrected figure",
        lambda: pilot.preview(host, period)["figures"]["tables"]["GENDER"]["FEMALE"] == females - 1,
    )
    pilot.import_file(host, content)
    pilot.until("the figure as it was", lambda: pilot.preview(host, period)["digest"] == previews[host]["digest"])


def _check_release(release, quarter, truth):
    people = sum(truth.effective.values())
    assert abs(release["people"] - people) < 5
    assert {t["table"]: t["level"] for t in release["tables"]} == EXPECTED_TABLES[quarter]
    for table in release["tables"]:
        if table["note"]:
            assert table["cells"] == []
            assert table["total"] is None
            continue
        values = [cell["value"] for cell in table["cells"]]
        assert all(value % 5 == 0 and value >= 10 for value in values)
        assert sum(values) == table["total"] == release["people"]
        for cell in table["cells"]:
            assert abs(cell["value"] - _true(truth, table["table"], cell["category"])) < 5
    assert not any("NATION_" in t["table"] or "SETTING" in t["table"] for t in release["tables"])


def _true(truth, table, category):
    name = "REGION" if table == "REGION_OF_NATIONALITY" else table
    parts = {
        "MALE_OR_OTHER_OR_NOT_STATED": ("OTHERS",),
        "UK_EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN": ("UK", "REST"),
    }.get(category, (category,))
    return sum(sum(truth.cells.get((name, part), {}).values()) for part in parts)


def _check_centre(pilot, quarter, period, paths, crossed):
    """Databases, vhosts, logs and API of board and custodian: no id, date, text or host's count."""
    admin = MongoClient(pilot.stack.engines.mongod.admin_uri(), tz_aware=True)
    seen = []
    for server in (BOARD, CUSTODIAN):
        for service in (server, "audit"):
            database = admin[f"as_{server}_{service}"]
            seen += [repr(d) for name in database.list_collection_names() for d in database[name].find()]
        for log in pilot.stack.layout.logs_dir.glob(f"{server}-*.out"):
            seen.append(log.read_text(encoding="utf-8", errors="replace"))
    seen.append(repr(pilot.board.get("/v1/releases")))
    seen += [f"{key} {headers!r} {body.decode('utf-8', 'replace')}" for _, key, headers, body in crossed]
    _check_numbers(crossed)
    everything = "\n".join(seen)
    forbidden = set(oracle.secrets(quarter))
    for host in paths:
        forbidden |= {d["_id"] for d in admin[f"as_{host}_case"]["survivors"].find({}, {"_id": 1})}
        forbidden |= {d["_id"] for d in admin[f"as_{host}_case"]["episodes"].find({}, {"_id": 1})}
    leaked = [text for text in forbidden if text in everything]
    assert leaked == []
    board = admin["as_board_board"]["tasks"].find_one({"period": period})
    assert all(value % 5 == 0 for path, value in numbers(board["result"] or {}) if path.endswith((".cells", "people")))
    task = admin["as_custodian_custodian"]["tasks"].find_one({"period": period})
    assert task["sealed_sum"] is None
    assert admin["as_custodian_custodian"]["seeds"].count_documents({}) == 0
    assert admin["as_board_board"]["shares"].count_documents({}) == 0
    for server in (BOARD, CUSTODIAN):
        folder = pilot.stack.layout.home / "tenants" / server / "tasks"
        pilot.until(f"{server}'s task keys to end", lambda folder=folder: not list(folder.glob("*")), within_s=15)
    admin.close()


def _check_numbers(crossed):
    """No true cell crosses the centre's vhosts: each number is a check share, a sealed half's neighbour or rounded, or says nothing."""
    types = set()
    for _, _, headers, body in crossed:
        fact = headers["ce-type"]
        types.add(fact.removeprefix("alongside.").removesuffix(".v1"))
        for path, value in numbers(json.loads(body)):
            if fact.endswith("tables_protected.v1"):
                assert path in ("hosts", "tables.level") or value % 5 == 0, path
            elif fact.endswith("reports_accepted.v1"):
                # One linear check of a share: a sum of numbers that are uniform below 2**32.
                assert path == "checks.values"
            elif fact.endswith(("checkpoint_submitted.v1", "checkpoint_judged.v1", "checkpoint_answered.v1")):
                # A log's size is filled to a multiple that is the same for all, so that it is no activity feed.
                assert path in ("size", "before", "known"), path
                assert value % 4_096 == 0, path
            else:
                assert fact.endswith(".mark.v1") and path == "ends.last_stream_n", (fact, path)  # noqa: PT018
    wanted = {
        "reporting.share_submitted",
        "reporting.seed_submitted",
        "board.cohort_summed",
        "custodian.tables_protected",
    }
    assert wanted <= types
