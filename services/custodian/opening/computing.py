"""A task's sum: opened in the memory of one process, protected, attacked, and forgotten.

Loads the solver; so a worker leaves it to a child process (``shared.runtime.apart``). Whatever keeps a figure back,
what is given is the same: tables of which nothing is shown. Only the verdict and the names of coarser tables say why.
"""

from collections.abc import Callable
from typing import Any

from pymongo.collection import Collection

from services.custodian.gate.release import PublicTable
from services.custodian.history.views import history_of
from services.custodian.opening.deciding import Setting, decide
from services.custodian.opening.errors import UnreadableSumError
from services.custodian.opening.rules import open_cohort
from services.custodian.opening.sums import binding_of, read_sum
from services.custodian.protection.rules import ProtectedRelease, withheld
from services.custodian.seeds.documents import SEEDS, read_seed
from services.custodian.seeds.streams import expansion_of
from services.custodian.tasks.task import Task
from shared.contracts.vector import VectorLayout
from shared.keys import sharing
from shared.keys.task_keys import KeysOf
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


def protected(
    task: Task,
    collection: Callable[[str], Collection[dict[str, Any]]],
    keys_of: KeysOf,
    public_tables: Callable[[], tuple[PublicTable, ...]],
) -> tuple[str, ProtectedRelease, tuple[str, ...]]:
    """Open a task's sum; give the verdict, what may leave, and the names of tables that went coarser."""
    terms, cohort = task.signed, task.cohort
    draft = terms.draft
    plan = draft.plan()
    # Read before the sum is opened: what is wrong with them is mended and tried again, nothing is lost.
    history, public = history_of(collection), public_tables()
    layout = VectorLayout.of(plan)
    keys = keys_of(task.id)
    nothing = withheld(plan, hosts=len(cohort), period=draft.period)
    try:
        sum_a, blindings = read_sum(task, keys_of)
    except UnreadableSumError:
        return "UNREADABLE_SUM", nothing, ()
    found = collection(SEEDS).find({"task_id": task.id, "report_id": {"$in": list(cohort)}})
    seeds = [read_seed(document) for document in found]
    opening = open_cohort(
        layout=layout,
        sum_a=sum_a,
        sum_of_expansions=sharing.add_up((expansion_of(task, s, keys_of) for s in seeds), layout.length),
        hosts=len(cohort),
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
            hosts=len(cohort),
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
