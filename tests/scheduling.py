"""Which worker runs what: a module stays together, and the longest modules begin first.

A module's fixtures (a provisioned host, a stack) are so made once. The longest first, because one that begins
last keeps a single worker busy while the others have nothing left. A module that is not listed counts as short;
a wrong figure costs time and nothing else.
"""

from collections import OrderedDict

from xdist.scheduler.loadscope import LoadScopeScheduling

# Seconds of a module alone on two idle cores, where they are more than ten.
LONG: dict[str, int] = {}


class LongestFirst(OrderedDict):
    """Units of work, of which the longest is taken first; equals keep pytest-randomly's order."""

    def popitem(self, last=True):
        """Take the longest unit, whatever end is asked for."""
        module = max(self, key=lambda name: LONG.get(name, 0))
        return module, self.pop(module)


class ByModule(LoadScopeScheduling):
    """Gives whole modules to workers."""

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
        return nodeid.partition("::")[0]
