"""Which worker runs what: a module stays together, and the longest modules begin first.

A module's fixtures (a provisioned host, a stack) are so made once. The longest first, because one that begins
last keeps a single worker busy while the others have nothing left. A module that is not listed counts as short;
a wrong figure costs time and nothing else.
"""

from collections import OrderedDict

from xdist.scheduler.loadscope import LoadScopeScheduling

# How long modules took beside each other, in seconds on a busy machine: only their order counts.
LONG = {
    "tests/e2e/test_demo.py": 900,
    "tests/images/test_compose.py": 1_700,
    "tests/e2e/test_runbooks.py": 800,
    "tests/integration/test_fuzzing.py": 700,
    "tests/integration/statistics/test_statistics_faults.py": 350,
    "tests/unit/suite/test_mutants.py": 340,
    "tests/e2e/test_real_data.py": 470,
    "tests/integration/statistics/test_signed_path.py": 420,
    "tests/k8s/test_on_real_engines.py": 400,
    "tests/attacks/test_attacks_by_simulation.py": 330,
    "tests/e2e/test_worker_processes.py": 210,
    "tests/kernel/test_messaging.py": 190,
    "tests/integration/keys/test_keys_in_service.py": 170,
    "tests/engines/test_rabbitmq.py": 150,
    "tests/integration/keeping/test_migrations.py": 150,
    "tests/e2e/test_telemetry_scan.py": 140,
    "tests/attacks/test_attacks_on_history.py": 130,
    "tests/attacks/test_attacks_on_the_path.py": 110,
    "tests/integration/identity/test_identity_sign_in.py": 100,
    "tests/integration/identity/test_identity_users.py": 100,
    "tests/e2e/test_process_probes.py": 90,
    "tests/attacks/test_attacks_on_one_release.py": 80,
    "tests/attacks/test_attacks_by_insiders.py": 60,
    "tests/docs/test_commands.py": 670,
    "tests/unit/case/test_import_bounds.py": 290,
    "tests/integration/keeping/test_backup_and_restore.py": 250,
    "tests/integration/integrations/test_queue_conformance.py": 220,
    "tests/integration/case/test_import_corpus.py": 190,
    "tests/attacks/test_attacks_by_rule_aware_insiders.py": 155,
    "tests/browser/test_every_page.py": 130,
    "tests/browser/test_connecting_pages.py": 120,
    "tests/kernel/test_backlog.py": 120,
    "tests/integration/case/test_import_histories.py": 110,
    "tests/integration/case/test_import_commit.py": 170,
    "tests/integration/case/test_imports_api.py": 150,
    "tests/attacks/test_attacks_on_messages.py": 140,
    "tests/integration/integrations/test_webhook_delivering.py": 90,
    "tests/integration/operator/test_same_facts.py": 90,
    "tests/integration/case/test_import_plan_races.py": 80,
    "tests/integration/test_api_document.py": 60,
    "tests/integration/case/test_import_undo.py": 60,
}
# Modules whose tests share no fixture and take long: each test is a unit of its own.
APART = frozenset({"tests/integration/statistics/test_statistics_faults.py"})

# Modules that start dozens of containers each: one after the other, or each waits for the other's processor.
WITH = {"tests/images/test_own_infrastructure.py": "tests/images/test_compose.py"}


class LongestFirst(OrderedDict):
    """Units of work, of which the longest is taken first; equals keep pytest-randomly's order."""

    def popitem(self, last=True):
        """Take the longest unit, whatever end is asked for."""
        unit = max(self, key=lambda name: LONG.get(name.partition("::")[0], 0))
        return unit, self.pop(unit)


class ByModule(LoadScopeScheduling):
    """Gives whole modules to workers, but for those that stand apart."""

    def __init__(self, config, log=None):
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self.workqueue = LongestFirst()

    def remove_node(self, node):
        """Give the test in which a worker died, which is not tried again, and the rest of its work to others."""
        units = self.assigned_work.pop(node)
        died_in = next((test for unit in units.values() for test, done in unit.items() if not done), None)
        for unit in units.values():
            if died_in in unit:
                unit[died_in] = True
        self.workqueue.update({module: unit for module, unit in units.items() if not all(unit.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return died_in

    def _split_scope(self, nodeid):
        module = nodeid.partition("::")[0]
        return nodeid if module in APART else WITH.get(module, module)
