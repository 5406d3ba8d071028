"""How fast a demo runs its clocks."""

from deploy.provision.spec import Timings

DEMO_TIMINGS = Timings(mark_settle_s=3.0, mark_every_s=2.0, job_every_s=1.0, retry_delays_ms=(500, 2_000, 10_000))
