"""A task's sum: opened in the memory of one process, protected, attacked, and forgotten.

Loads the solver; so a worker leaves it to a child process (``shared.runtime.apart``). Whatever keeps a figure back,
what is given is the same: tables of which nothing is shown. Only the verdict and the names of coarser tables say why.
"""

from collections.abc import Callable
from typing import Any

from pymongo.collection import Collection

from services.custodian.domain.opening import open_cohort
from services.custodian.domain.protection import ProtectedRelease, withheld
from services.custodian.gate.release import PublicTable
from services.custodian.release_job import Setting, decide
from services.custodian.releases import history_of
from services.custodian.reports import KeysOf, expansion_of
from services.custodian.store import SEEDS, terms_of
from services.custodian.sums import UnreadableSumError, binding_of, read_sum
from shared.contracts.vector import VectorLayout
from shared.keys import sharing
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


def protected(
    task: dict[str, Any],
    collection: Callable[[str], Collection[dict[str, Any]]],
    keys_of: KeysOf,
    public_tables: Callable[[], tuple[PublicTable, ...]],
) -> tuple[str, ProtectedRelease | None, tuple[str, ...]]:
    """Open a task's sum; give the verdict, what may leave, and the names of tables that went coarser."""
    terms = terms_of(task)
    draft = terms.draft
    plan = draft.plan()
    # Read before the sum is opened: what is wrong with them is mended and tried again, nothing is lost.
    history, public = history_of(collection), public_tables()
    layout = VectorLayout.of(plan)
    keys = keys_of(task["_id"])
    nothing = withheld(plan, hosts=len(task["cohort"]), period=draft.period)
    try:
        sum_a, blindings = read_sum(task, keys_of)
    except UnreadableSumError:
        return "UNREADABLE_SUM", nothing, ()
    seeds = list(collection(SEEDS).find({"task_id": task["_id"], "report_id": {"$in": task["cohort"]}}))
    opening = open_cohort(
        layout=layout,
        sum_a=sum_a,
        sum_of_expansions=sharing.add_up((expansion_of(task, s, keys_of) for s in seeds), layout.length),
        hosts=len(task["cohort"]),
        minimums=plan.minimums,
        binding=binding_of(task, seeds, blindings, keys_of),
    )
    if opening.opened is None:
        return str(opening.verdict), nothing, ()
    decided = decide(
        opening.opened,
        Setting(
            plan=plan,
            period=draft.period,
            covers=draft.covers,
            hosts=len(task["cohort"]),
            history=history,
            public=public,
        ),
        coin_key=keys.existing_coin_key(terms.coin_key_hash).secret,
        progress=lambda step: log.info("the gate attacks", step=step),
    )
    findings = tuple(sorted({finding.table for finding in decided.findings}))
    for table in findings:
        log.info("a table goes coarser", target=table)
    return str(opening.verdict), decided.release, findings
