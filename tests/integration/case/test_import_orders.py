"""For every order of files, decisions, undo and kills: nobody is counted whose last word was no, and plans are kept."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.integration.case.test_import_commit import Mortal, check_equal
from tests.kit.import_files import WORDS, export, left_out, line, references

pytestmark = pytest.mark.integration

YES, NO, WITHDRAWN, BLANK, BROKEN = (
    {"Statistics_Consent": "Given"}, {"Statistics_Consent": "Refused"}, {"Statistics_Consent": "Withdrawn"},
    {"Statistics_Consent": ""}, {"Statistics_Consent": "Refused", "Nation": "Mercia"},
)  # fmt: skip
FILES = {"yes": YES, "no": NO, "withdrawn": WITHDRAWN, "blank": BLANK, "broken no": BROKEN}
NOES = frozenset({"no", "withdrawn", "broken no", "says no"})
STEPS = st.sampled_from([*FILES, "plan yes", "plan no", "commit", "undo", "says no", "kill"])


class Walk:
    """One person of one source, and what was done."""

    def __init__(self, place):
        self.place, self.ref = place, references(1)[0]
        self.plan, self.done, self.episode, self.last, self.killed = None, None, None, None, False

    def file(self, kind):
        return export(line(self.ref, **FILES[kind]))

    def job(self):
        if self.killed:
            self.killed = False
            Mortal(self.place.contexts["case"], 2, "after").run_until_done()
        self.place.run_imports()

    def report(self, import_id):
        return self.place.get(f"/v1/imports/{import_id}", "HOST_DPO").json

    def step(self, step):
        place = self.place
        if step == "kill":
            self.killed = True
        elif step in FILES:
            self.note(place.upload(self.file(step)), step)
        elif step.startswith("plan"):
            kind = step.removeprefix("plan ")
            asked = place.post("/v1/imports?mode=plan", self.file(kind), "HOST_DPO").json["id"]
            self.job()
            self.plan = (asked, kind)
        elif step == "commit" and self.plan is not None:
            self.commit(*self.plan)
            self.plan = None
        elif step == "undo" and self.done is not None:
            place.post(f"/v1/imports/{self.done}/undo", role="HOST_DPO")
            self.job()
            assert self.report(self.done)["state"] == "UNDONE"
            self.done = None
        elif step == "says no" and self.episode is not None:
            place.pump()
            survivor = place.get(f"/v1/episodes/{self.episode}").json["survivor_id"]
            body = {"survivor_id": survivor, "purpose": "AGGREGATE_STATISTICS", "decision": "REFUSED"}
            assert place.post("/v1/consents", body).status_code in (201, 409)
            self.last = step

    def commit(self, asked, kind):
        plan = self.report(asked)
        while plan["state"] == "PLANNED":
            self.place.post(f"/v1/imports/{asked}/commit", {"plan_hash": plan["plan_hash"]}, "HOST_DPO")
            self.job()
            report = self.report(asked)
            if report["state"] == "DONE":
                check_equal(plan, report)
                self.note(report, kind)
                self.done = asked
            plan = report

    def note(self, report, kind):
        for row in self.place.database("case")["import_rows"].find({"import_id": report["id"], "row": 2}):
            self.episode = row["episode_id"] or self.episode
        # An empty cell is nobody's word; a file that was undone stays said for a no, and never for a yes.
        if kind != "blank" and self.episode is not None and not (kind == "yes" and self.last in NOES):
            self.last = kind


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@example(steps=["yes", "plan no", "commit", "undo"])
@example(steps=["plan yes", "commit", "says no", "undo", "plan yes", "commit"])
@example(steps=["plan yes", "commit", "withdrawn", "undo", "yes"])
@example(steps=["yes", "plan yes", "broken no", "kill", "commit", "undo", "yes"])
@example(steps=["plan yes", "kill", "commit", "plan no", "kill", "commit", "undo", "kill", "undo", "yes"])
@given(steps=st.lists(STEPS, min_size=2, max_size=7))
def test_whoever_said_no_last_is_not_counted(place, steps):
    """After each step; files say yes of an earlier day than the noes, which have none. Committed is what was planned."""
    place.know_words(WORDS, languages=["sq"])
    walk = Walk(place)
    for step in steps:
        walk.step(step)
        if walk.last in NOES and walk.episode is not None:
            assert left_out(place, walk.episode) is not None, step
