"""Histories of two systems' files, of decisions, undo and kills: nobody is counted whose last word was no.

Two systems have one reference each, the same, for two people. A file comes by hand, or is pulled from the system's own
folder. Between any two steps, so also between a plan and its commit, somebody may decide on paper, a caseworker may flag
the person or look again, the host may approve another mapping, the layout of the export may change, and the process may
end at any commit. After each step both people are looked at, also the one to whom nothing happened; each commit did what
its plan had told, or made a new one; and a no of a file that is refused stands in a task.
"""

import json
import secrets
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.case.imports.rules.profile import shipped
from services.case.imports.rules.reading import read_sheet
from services.case.sources.jobs import SourcesJob
from services.case.sources.rules.source import HELD
from tests.integration.case.test_import_commit import Mortal, check_equal
from tests.kit.import_files import COLUMNS, WORDS, export, line, references
from tests.kit.sources import later, shown
from tests.kit.tenant_place import WORDING

pytestmark = pytest.mark.integration

SOURCES = ("histories-a", "histories-b")
FILES = {
    "yes": {"Statistics_Consent": "Given"},
    "vague yes": {"Statistics_Consent": "Yes"},
    "no": {"Statistics_Consent": "Refused"},
    "withdrawn": {"Statistics_Consent": "Withdrawn"},
    "blank": {"Statistics_Consent": ""},
    "not known": {"Statistics_Consent": "N/K"},
    "broken no": {"Statistics_Consent": "Refused", "Nation": "Mercia"},
    "broken yes": {"Statistics_Consent": "Given", "Nation": "Mercia"},
    "unread": {"Statistics_Consent": "he waved"},
    "child": {"Age_At_Referral": "16"},
    "changed": {"Gender": "Male"},
    "own word": {"Statistics_Consent": "He nodded"},
}
MEANS = {"GIVEN": "yes", "REFUSED": "no", None: "unread"}
"""What the host's own word is, by what its newest approved mapping says."""
NOES = frozenset({"no", "withdrawn", "broken no"})
TELLS = {
    "no": "REFUSED", "broken no": "REFUSED", "withdrawn": "WITHDRAWN", "yes": "GIVEN", "changed": "GIVEN", "vague yes": "?",
}  # fmt: skip
"""What a file tells of somebody's answer; its day is the same in all."""
ANSWERS = frozenset({"yes", "vague yes", "no", "withdrawn", "changed"})
ACTS = (
    *FILES, *(f"plan {kind}" for kind in FILES), *(f"pull {kind}" for kind in FILES), "commit", "commit", "commit", "undo", "undo", "says yes", "says no",
    "withdraws", "is excluded", "is counted again", "layout", "kill", "mapping", "mapping",
)  # fmt: skip
STEPS = st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(1, 6), st.sampled_from(["before", "after"]))


class Person:
    """One person of one system, and what is known of their last word.

    Attributes:
        says: ``yes`` or ``no`` by the last who may say so; None while nobody did.
        told: What the files of their system told last. The same answer of the same day, told again, is nothing new: else
            each night's export would end what somebody has said since.
        word: What the approved mapping of their system makes of the host's own word; None while there is no mapping.
        pulled: The source that is their system's folder, and the mapping by which it is read.
        child, flagged: Whether a file told of a child, or a caseworker set the flag, and no caseworker looked since.
        unread: Whether an answer could not be read, and nobody gave one or took the file back since.
    """

    def __init__(self, source, reference):
        self.source, self.reference = source, reference
        self.episode, self.survivor, self.plan, self.done = None, None, None, None
        self.word, self.pulled, self.told = None, None, None
        self.says, self.child, self.unread, self.flagged = None, False, False, False

    @property
    def stays_out(self):
        return self.says == "no" or self.child or self.unread or self.flagged


class Looking:
    """A job that looks twice, since only what stands still between two looks is taken."""

    def __init__(self, context, *, real):
        self.job = SourcesJob(context, looks_apart_s=0.0, real=real)

    def run(self):
        for _ in range(2):
            self.job.run()


class History:
    """Both people, the files of their systems, and the gate that counts them."""

    def __init__(self, place, folder):
        self.place, self.columns, self.folder = place, COLUMNS, folder
        self.people = [Person(source, reference) for source in SOURCES for reference in references(1)]
        self.people[1].reference = self.people[0].reference
        self.mortal, self.read_to, self.latest = None, "", {}

    def step(self, act, who, at, when):
        person = self.people[who]
        verb, _, kind = act.partition(" ")
        if act in FILES:
            self.take(person, self.upload(person, act, ""), self.meaning(person, act))
        elif verb == "plan":
            self.take(person, self.upload(person, kind, "&mode=plan"), self.meaning(person, kind))
        elif verb == "pull":
            self.pull(person, kind)
        elif act == "commit" and person.plan is not None:
            self.commit(person, *person.plan)
            person.plan = None
        elif act == "undo" and person.done is not None:
            self.undo(person)
        elif act == "layout":
            self.columns = tuple(reversed(self.columns))
        elif act == "mapping":
            self.approve(person)
        elif act == "kill":
            self.mortal = (at, when)
        elif act.startswith(("says", "withdraws")) and person.survivor is not None:
            self.decide(person, act)
        elif act.startswith("is ") and person.episode is not None:
            self.flag(person, excluded=act == "is excluded")

    def job(self):
        """Let the job do what waits, and die on the way if it is to."""
        if self.mortal is not None:
            Mortal(self.place.contexts["case"], *self.mortal).run_until_done()
            self.mortal = None
        self.place.run_imports()

    def report(self, import_id):
        return self.place.get(f"/v1/imports/{import_id}", "HOST_DPO").json

    def meaning(self, person, kind, *, mapped=True):
        """What a file of a kind says, as it is read at this moment."""
        return kind if kind != "own word" else MEANS[person.word if mapped else None]

    def content(self, person, kind):
        return export(line(person.reference, self.columns, **FILES[kind]), columns=self.columns)

    def take(self, person, report, kind):
        """Learn what became of a file: carried out, planned, or refused for its layout, which no mapping is for."""
        if report["state"] == "PLANNED":
            person.plan = (report["id"], kind)
        elif report["state"] == "DONE":
            self.note(person, report, kind)
        else:
            assert (report["state"], person.word is not None) == ("REFUSED", True), report["why"]
            rows = self.place.database("case")["import_rows"]
            is_known = person.survivor and rows.find_one({"survivor_id": person.survivor}) is not None
            if kind in NOES and is_known:
                assert "for one person who is known here" in report["why"]
                query = {"kind": "REFUSED_FILE_SAID_NO", "state": "OPEN"}
                assert self.place.database("case")["data_tasks"].find_one(query) is not None

    def approve(self, person):
        """Approve a mapping for exactly this layout, in which the host's own word is a yes, or the next time a no."""
        person.word = "REFUSED" if person.word == "GIVEN" else "GIVEN"
        columns = "".join(
            f"  {name}: "
            + (f"{{field: consent, words: {{He nodded: {person.word}}}}}" if field == "consent" else field)
            + "\n"
            for name, field in shipped()["standard"].columns.items()
            if name in COLUMNS
        )
        fingerprint = read_sheet(export(columns=self.columns), None).fingerprint
        text = (
            f"format: 1\nid: {person.source}\nsource: {person.source}\nfingerprint: {fingerprint}\ncolumns:\n{columns}"
        )
        proposed = self.place.post("/v1/import-profiles", {"text": text}, "HOST_DATA_LEAD")
        assert proposed.status_code == 201, proposed.json
        path = f"/v1/import-profiles/{proposed.json['id']}/approve"
        answer = self.place.post(path, {}, "HOST_ADMIN", If_Match='"1"')
        assert answer.status_code == 200, answer.json

    def pull(self, person, kind):
        """Let the system put a file into its folder, and the job take it from there; it is always planned."""
        if person.pulled is None:
            (self.folder / person.source).mkdir()
            profile = "standard" if person.word is None else person.source
            body = {"name": person.source, "kind": "folder", "profile": profile, "system": person.source}
            answer = self.place.post("/v1/sources", body, "HOST_DATA_LEAD")
            assert answer.status_code == 201, answer.json
            person.pulled = (answer.json["id"], profile)
        source_id, profile = person.pulled
        (self.folder / person.source / f"{secrets.token_hex(4)}.csv").write_bytes(self.content(person, kind))
        before = shown(self.place, source_id)["last_import_id"]
        context = self.place.contexts["case"]
        extra = {**context.settings.extra, "drop_folder": str(self.folder)}
        context = replace(context, settings=replace(context.settings, extra=extra))
        if self.mortal is not None:
            mortal = Mortal(context, *self.mortal, partial(Looking, real=later(0)))
            mortal.run_until_done()
            self.mortal = None
        # Whoever died on the way held the source.
        Looking(context, real=later(HELD.total_seconds() + 1)).run()
        source = shown(self.place, source_id)
        assert not list((self.folder / person.source).glob("*.csv")), source
        if source["last_import_id"] != before:
            self.place.run_imports()
            report = self.report(source["last_import_id"])
            self.take(person, report, self.meaning(person, kind, mapped=profile != "standard"))

    def upload(self, person, kind, query):
        content = self.content(person, kind)
        answer = self.place.post(f"/v1/imports?is_part=true&source={person.source}{query}", content, "HOST_DPO")
        assert answer.status_code == 202, answer.json
        self.job()
        return self.report(answer.json["id"])

    def commit(self, person, asked, kind):
        """Commit what is planned, and the new plan where something had changed, until it is carried out."""
        for _ in range(4):
            plan = self.report(asked)
            if plan["state"] != "PLANNED":
                break
            body = {"plan_hash": plan["plan_hash"]}
            assert self.place.post(f"/v1/imports/{asked}/commit", body, "HOST_DPO").status_code == 202
            self.job()
            report = self.report(asked)
            if report["state"] == "DONE":
                check_equal(plan, report)
                self.note(person, report, kind)
                person.done = (asked, kind)
        assert self.report(asked)["state"] == "DONE"

    def undo(self, person):
        asked, kind = person.done
        assert self.place.post(f"/v1/imports/{asked}/undo", role="HOST_DPO").status_code == 202
        self.job()
        report = self.report(asked)
        assert report["state"] == "UNDONE"
        if kind == "unread" and not report["left_rows"]:
            person.unread = False
        person.done = None

    def note(self, person, report, kind):
        """Learn what a file said that was carried out."""
        for row in self.place.database("case")["import_rows"].find({"import_id": report["id"], "row": 2}):
            person.episode, person.survivor = row["episode_id"] or person.episode, row["survivor_id"] or person.survivor
        if person.survivor is None:
            return
        # The yes of a file is of an earlier day than every no of a history.
        if kind in NOES and TELLS[kind] != person.told:
            person.says = "no"
        elif kind in ("yes", "changed") and person.says is None:
            person.says = "yes"
        person.told = TELLS.get(kind, person.told)
        person.child |= kind == "child"
        if kind == "unread":
            person.unread = True
        elif kind in ANSWERS:
            person.unread = False

    def decide(self, person, act):
        self.place.pump()
        if act == "withdraws":
            found = self.place.post("/v1/consents/search", {"survivor_id": person.survivor}).json["items"]
            if not found:
                return
            answer = self.place.post(f"/v1/consents/{found[0]['id']}/withdraw")
        elif act == "says no":
            body = {"survivor_id": person.survivor, "purpose": "AGGREGATE_STATISTICS", "decision": "REFUSED"}
            answer = self.place.post("/v1/consents", body)
        else:
            answer = self.place.give(person.survivor)
        assert answer.status_code in (200, 201, 409), answer.json
        if answer.status_code != 409:
            person.says = "yes" if act == "says yes" else "no"

    def flag(self, person, *, excluded):
        version = self.place.get(f"/v1/episodes/{person.episode}").json["version"]
        path, match = f"/v1/episodes/{person.episode}/exclude", f'"{version}"'
        answer = self.place.post(path, {"excluded": excluded}, If_Match=match)
        assert answer.status_code == 200, answer.json
        person.flagged = excluded
        if not excluded:
            person.child = person.unread = False

    def left_out(self, person):
        """What the gate said last of a person: None while they are counted, else the reason."""
        self.place.pump()
        for row in self.place.database("consent")["outbox"].find({"_id": {"$gt": self.read_to}}).sort("_id", 1):
            self.read_to = row["_id"]
            for event in row["events"]:
                body = json.loads(event["body"])
                if "contribution_id" in body:
                    withheld = event["type"].endswith("facts_withheld.v1")
                    self.latest[body["contribution_id"]] = body["reason"] if withheld else None
        kept = self.place.database("consent")["episodes"].find_one({"_id": person.episode})
        return self.latest.get(kept["contribution_id"], "NEVER_TOLD") if kept is not None else "NEVER_TOLD"

    def check(self, step):
        for person in self.people:
            if person.episode is not None and person.stays_out:
                assert self.left_out(person) is not None, (step, vars(person))


def lived(place, folder, steps):
    """Live through a history; nothing of an earlier one's mappings and sources is left."""
    for name in ("import_profiles", "sources", "source_roll"):
        place.database("case")[name].delete_many({})
    place.know_words(WORDS, languages=["sq"])
    place.know_words(WORDING)
    folder = folder / secrets.token_hex(8)
    folder.mkdir()
    history = History(place, folder)
    for step in steps:
        history.step(*step)
        history.check(step)
    return history


def of(*acts):
    """Steps of the first person, the kills at the second commit, after it."""
    return [(act, 0, 2, "after") for act in acts]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@example(steps=of("plan yes", "commit", "says no", "plan vague yes", "kill", "commit", "undo", "kill", "undo", "yes"))
@example(steps=of("yes", "plan no", "says yes", "commit", "undo", "yes", "is counted again"))
@example(steps=of("plan yes", "commit", "plan child", "kill", "commit", "undo", "yes", "says yes"))
@example(steps=of("yes", "plan yes", "withdraws", "commit", "undo", "changed", "vague yes"))
@example(steps=of("yes", "plan unread", "commit", "not known", "blank", "layout", "broken yes"))
@example(steps=[*of("plan yes", "commit", "withdrawn"), ("yes", 1, 1, "before"), *of("undo", "yes", "not known")])
@example(steps=of("pull yes", "commit", "plan own word", "mapping", "commit", "mapping", "own word", "pull yes"))
@example(steps=of("yes", "mapping", "plan own word", "mapping", "commit", "layout", "no", "plan no", "says yes"))
@example(
    steps=of("mapping", "pull own word", "kill", "commit", "kill", "pull no", "commit", "undo", "pull no", "commit")
)
@given(steps=st.lists(STEPS, min_size=3, max_size=9))
def test_nobody_is_counted_whose_last_word_was_no(several_systems, tmp_path, steps):
    """Whatever came before it, whatever is undone, and wherever the process ended."""
    lived(several_systems, tmp_path, steps)


def test_who_said_yes_last_is_counted(several_systems, tmp_path):
    """Else the histories above would show nothing: a file's yes counts, a no ends it, a later yes on paper counts again.

    Also when the file tells the same no of the same day again, as each night's export does.
    """
    history = lived(several_systems, tmp_path, of("plan yes", "kill", "commit"))
    person = history.people[0]
    assert history.left_out(person) is None
    stays = {"says yes": True, "no": True, "broken no": True}
    again = {"says yes": True, "is excluded": False, "is counted again": True}
    for act, counted in (("no", False), *stays.items(), ("withdrawn", False), *again.items()):
        history.step(act, 0, 1, "after")
        assert (history.left_out(person) is None) == counted, act


def test_a_mapping_that_is_approved_after_a_plan_changes_no_plan(several_systems, tmp_path):
    """The commit does what was looked at; the same file, pulled again, is read by the new mapping, and its no is heard."""
    history = lived(several_systems, tmp_path, of("mapping", "pull own word", "mapping", "commit"))
    person = history.people[0]
    assert (history.left_out(person), person.word) == (None, "REFUSED")
    for act in ("kill", "pull own word", "commit"):
        history.step(act, 0, 2, "after")
    assert (history.left_out(person), person.says) == ("REFUSED", "no")


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(steps=st.lists(STEPS, min_size=6, max_size=20))
def test_nor_in_many_long_histories(several_systems, tmp_path, steps):
    """The same at length."""
    lived(several_systems, tmp_path, steps)
