"""How fast a demo runs its clocks: quick enough that nobody waits long, slow enough to leave a small machine free.

Marks are most of what an idle demo does: each is a message that every hearer of a host settles in a transaction.
"""

from deploy.provision.spec import Timings

DEMO_TIMINGS = Timings(mark_settle_s=3.0, mark_every_s=4.0, job_every_s=2.0, retry_delays_ms=(500, 2_000, 10_000))
