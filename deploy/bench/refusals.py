"""What a refused command costs its neighbours: transactions and CPU of full groups with and without one refusal.

A refusal costs its own answer: the group goes on without it, and it is judged alone once more. So one in a
hundred adds two transactions, not a hundred (``tests/kernel/test_committer.py``).
"""

from concurrent.futures import Future

from deploy.bench.designs import GROUP, opening
from deploy.bench.rig import BenchRig
from deploy.engines.pair import EnginePair
from shared.kernel.clock import BusinessClock
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import database_name
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork

_GROUPS = 20


def refusals(engines: EnginePair) -> dict[str, float]:
    """Give transactions a group without and with one refusal in a hundred, and the CPU of one refusal.

    Raises:
        RuntimeError: Not exactly the refused ones were refused.
    """
    rig = BenchRig(engines)
    try:
        plain_us, plain = _run(rig, refused_per_group=0)
        with_us, with_one = _run(rig, refused_per_group=1)
    finally:
        rig.close()
    return {
        "transactions_a_group": round(plain / _GROUPS, 2),
        "transactions_a_group_with_a_refusal": round(with_one / _GROUPS, 2),
        "cpu_a_group_ms": round(plain_us * GROUP / 1000, 1),
        "cpu_a_group_with_a_refusal_ms": round(with_us * GROUP / 1000, 1),
    }


def _run(rig: BenchRig, *, refused_per_group: int) -> tuple[int, int]:
    """Commit full groups; give the CPU microseconds a command and the transactions that the server began."""
    committer = Committer(
        client=rig.client,
        database=database_name(rig.tenant, "case"),
        tenant_id=rig.tenant,
        service="case",
        now=BusinessClock().now,
        group_limit=GROUP,
    )
    refusing = range(GROUP // 2, GROUP // 2 + refused_per_group)  # In the middle, where a group is full.
    refused = 0
    before, began = rig.cost(), rig.transactions()
    for _ in range(_GROUPS):
        futures: list[Future[Answer]] = [
            committer.submit(Command(run=_refuse) if number in refusing else opening(number)) for number in range(GROUP)
        ]
        refused += sum(future.exception(timeout=60) is not None for future in futures)
    spent, transactions = rig.cost().since(before, _GROUPS * GROUP), rig.transactions() - began
    committer.close()
    if refused != refused_per_group * _GROUPS:
        raise RuntimeError("others were refused than should be")
    return spent["python_us"] + spent["mongod_us"], transactions


def _refuse(_work: UnitOfWork) -> Answer:
    raise RuleViolationError("no")
