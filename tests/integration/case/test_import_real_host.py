"""A real host's table through a plan: what the plan tells is what the import itself does, row for row in number."""

from datetime import UTC, datetime

import pytest

from tests.integration.case.test_import_commit import check_equal
from tests.kit.tenant_place import TenantPlace
from tests.oracle import oracle

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(
        oracle.folder() is None,
        reason="the real tables do not lie beside the project (../shared/data, or ALONGSIDE_REAL_DATA)",
    ),
]
DIRECT = {
    "CREATE": "ACCEPTED", "UPDATE": "CHANGED", "UNCHANGED": "UNCHANGED", "HELD": "HELD", "REFUSED": "QUARANTINED",
    "POSSIBLE_CHILD": "POSSIBLE_CHILD", "DUPLICATE": "DUPLICATE",
}  # fmt: skip


@pytest.fixture
def two_hosts(engines, tmp_path):
    """Two hosts that know nobody yet."""
    made = []
    for name in ("direct", "planned"):
        (tmp_path / name).mkdir()
        made.append(TenantPlace(engines, tmp_path / name))
    yield made
    for place in made:
        place.close()


def in_plan_words(counts):
    return {will: counts[kind] for will, kind in DIRECT.items() if counts.get(kind)}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("quarter", oracle.QUARTERS)
def test_a_plan_of_a_real_table_tells_what_the_direct_import_does(two_hosts, quarter):
    """The same counts; children and held rows are those counted by hand for this host; the commit does just that."""
    real = oracle.RealQuarter(quarter)
    host = max(real.rows, key=lambda one: len(real.rows[one]))
    content = oracle.files(quarter)[host].read_bytes()
    direct, planned = two_hosts
    for place in two_hosts:
        place.at(datetime(2024, 3, 1, 12, tzinfo=UTC))
    report, plan = direct.upload(content), planned.plan(content)
    assert plan["state"] == "PLANNED", plan
    counts = {will: rows for will, rows in plan["plan_counts"].items() if will in DIRECT}
    assert counts == in_plan_words(report["counts"])
    assert counts.get("POSSIBLE_CHILD", 0) == real.hosts[host].children
    assert counts.get("HELD", 0) == real.hosts[host].held
    check_equal(plan, planned.commit(plan))
