"""The pages of imports over the real case, consent and identity; the job is the test's to run."""

import html
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from services.case.imports.commands import CommitPlan
from services.case.imports.page_views import MOST_LOADS, SILENT, is_silent, next_load_s
from services.case.imports.rules.progress import COMMITTING, PLANNED, PLANNING, UNDOING, Import
from shared.kernel.clock import real_now
from tests.kit.import_files import WORDS, export, line
from tests.kit.page_browser import Browser, audited, fields_of, words
from tests.kit.spreadsheets import xlsx

PAGE = "/imports"
SEEN_SECRET = "Zephyrine"


def upload(browser, content, name="export.csv", **form):
    """Send a file with the page's own form; gives the answer."""
    fields = fields_of(browser.get(PAGE).text, PAGE)
    return browser.post(PAGE, **{**fields, **form, "file": (io.BytesIO(content), name)})


def planned(host, browser, content, **form):
    """Let a file be planned; gives the address of its page."""
    answer = upload(browser, content, **form)
    assert answer.status_code == 303, answer.text
    host.run_imports()
    return answer.headers["Location"]


def committed(host, browser, page):
    answer = browser.send(page, f"{page}/commit", looked="yes")
    assert answer.status_code == 303, words(answer.text)
    host.run_imports()
    return words(browser.get(page).text)


@pytest.fixture
def lead(host):
    host.login("HOST_DPO")
    return host.browser("HOST_DATA_LEAD")


class TestFromFileToHistory:
    def test_a_file_is_planned_carried_out_and_undone_on_pages_alone(self, host, lead):
        """Nothing happens before the decision, and for a day there is a way back."""
        page = planned(host, lead, export(line("R-1"), line("R-2")))
        assert "What this file will do" in words(lead.get(page).text)
        assert host.database("case")["episodes"].count_documents({}) == 0
        done = committed(host, lead, page)
        assert "Carried out" in done
        assert host.database("case")["episodes"].count_documents({}) == 2
        assert lead.send(page, f"{page}/undo").status_code == 303
        host.run_imports()
        assert "This import was undone" in words(lead.get(page).text)
        history = lead.get(PAGE).text
        assert page in history
        assert "Undone" in words(history)

    def test_a_form_sent_twice_is_one_import_and_one_commit(self, host, lead):
        """Loading an answer again changes nothing."""
        fields = fields_of(lead.get(PAGE).text, PAGE)
        content = export(line("R-1"))
        sent = [lead.post(PAGE, **fields, file=(io.BytesIO(content), "export.csv")) for _ in range(2)]
        assert len({answer.headers["Location"] for answer in sent}) == 1
        host.run_imports()
        page = sent[0].headers["Location"]
        form = fields_of(lead.get(page).text, f"{page}/commit")
        for _ in range(2):
            assert lead.post(f"{page}/commit", **form, looked="yes").status_code == 303
        done = audited(host, "case", action=CommitPlan.action, actor_id=host.people["HOST_DATA_LEAD"])
        assert len(done) == 1

    def test_a_possible_child_stands_at_the_top_with_the_row_and_what_to_do(self, host, lead):
        """Before anything else of the page, and whatever else is wrong."""
        page = planned(host, lead, export(line("R-1"), line("R-2", Age_At_Referral="16", Gender="?")))
        told = words(lead.get(page).text)
        assert told.index("Speak with your safeguarding lead now") < told.index("What this file will do")
        assert "1 person of this file may be a child : row 3" in told
        assert "An urgent task is open" in told
        assert "Speak with your safeguarding lead now" in committed(host, lead, page)

    def test_consents_that_end_and_yeses_that_will_not_count_are_told_before_the_decision(self, host, lead):
        """With rows and reasons; whether words are registered is asked of consent as the reader."""
        host.upload(export(line("R-1")))
        host.pump()
        page = planned(
            host, lead,
            export(line("R-1", Statistics_Consent="Withdrawn"), line("R-2", Consent_Date=""), line("R-3")),
        )  # fmt: skip
        told = words(lead.get(page).text)
        assert "By row 2: these people said no" in told
        assert "The day on which the person said yes is missing. (row 3)" in told
        assert f"name the words {WORDS} , which are not registered" in told
        host.register_wording(WORDS)
        assert f"name the words {WORDS} , which are registered" in words(lead.get(page).text)

    def test_whoever_may_not_see_registered_words_is_told_so(self, host, lead):
        """An administrator imports and reads no consents."""
        page = planned(host, lead, export(line("R-1")))
        told = words(host.browser("HOST_ADMIN").get(page).text)
        assert "your role does not see whether that is so" in told

    def test_what_changed_meanwhile_is_a_new_plan_and_nothing_is_carried_out(self, host, lead):
        """An old form is refused in words; a commit that finds another state shows which rows changed."""
        host.upload(export(line("R-1")))
        page = planned(host, lead, export(line("R-1")))
        old = fields_of(lead.get(page).text, f"{page}/commit")
        answer = lead.post(f"{page}/commit", **{**old, "plan_hash": "0" * 64}, looked="yes")
        assert answer.status_code == 409
        assert "not the newest plan" in words(answer.text)
        host.upload(export(line("R-1", Gender="Male")))
        assert lead.send(page, f"{page}/commit", looked="yes").status_code == 303
        host.run_imports()
        told = words(lead.get(page).text)
        assert "Something changed while you were deciding" in told
        assert "Look again at row 2" in told

    def test_nothing_is_committed_unless_it_was_looked_at(self, host, lead):
        """The page says which box to tick."""
        page = planned(host, lead, export(line("R-1")))
        answer = lead.send(page, f"{page}/commit")
        assert answer.status_code == 409
        assert "Tick the box" in words(answer.text)
        assert "PLANNED" in {d["state"] for d in host.database("case")["imports"].find()}

    def test_an_import_that_is_carried_out_is_committed_no_more(self, host, lead):
        """An old form is answered with how things stand."""
        page = planned(host, lead, export(line("R-1")))
        form = fields_of(lead.get(page).text, f"{page}/commit")
        committed(host, lead, page)
        later = fields_of(lead.get(PAGE).text, PAGE)
        answer = lead.post(f"{page}/commit", **{**form, "form_number": later["form_number"]}, looked="yes")
        assert answer.status_code == 409
        assert "not waiting for a decision any more" in words(answer.text)

    def test_rows_are_shown_by_what_they_will_do_in_parts(self, host, lead):
        """By number, with each reason and without any cell."""
        rows = [line(f"R-{number}", Nation=SEEN_SECRET) for number in range(60)]
        page = planned(host, lead, export(*rows, line("S-1")))
        first = lead.get(f"{page}/rows?will=REFUSED").text
        more = html.unescape(re.search(r'href="([^"]*after=[^"]*)"', first)[1])
        shown = re.findall(r'as-label">(\d+)</th>', first + lead.get(more).text)
        assert [int(n) for n in shown] == list(range(2, 62))
        assert SEEN_SECRET not in first
        assert lead.get(f"{page}/rows?will=ANYTHING&after=x").status_code == 200


class TestFiles:
    def test_a_file_that_cannot_be_read_says_why_and_what_to_do(self, host, lead):
        """It stands in the history as not taken."""
        page = planned(host, lead, b"one,two\n1,2\n")
        told = words(lead.get(page).text)
        assert "Nothing of this file was taken" in told
        assert "import the file again" in told

    @pytest.mark.parametrize("content", [None, b""])
    def test_no_file_is_asked_for_again(self, host, lead, content):
        """Nothing is begun."""
        fields = fields_of(lead.get(PAGE).text, PAGE)
        file = {} if content is None else {"file": (io.BytesIO(content), "export.csv")}
        answer = lead.post(PAGE, **fields, **file)
        assert answer.status_code == 422
        assert "Choose a file that is not empty" in words(answer.text)
        assert host.database("case")["imports"].count_documents({}) == 0

    def test_a_host_with_two_systems_is_asked_which_one(self, host, lead):
        """And may name a new one."""
        for source in ("first", "second"):
            host.upload(export(line("R-1")), query=f"?source={source}")
        answer = upload(lead, export(line("R-2")))
        assert answer.status_code == 422
        assert "Choose below which system this file comes from" in words(answer.text)
        page = planned(host, lead, export(line("R-2")), source_new="third")
        assert "third (new)" in words(lead.get(page).text)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_the_empty_file_is_a_download_for_whoever_maps(self, host, lead, kind):
        """And nobody else's page offers it."""
        answer = lead.get(f"/import-template/{kind}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="alongside-template.{kind}"'
        assert len(answer.data) > 50
        assert lead.get("/import-template/exe").status_code == 404
        officer = host.browser("HOST_DPO")
        assert "/import-template" not in officer.get(PAGE).text
        assert officer.get(f"/import-template/{kind}").status_code == 404

    def test_a_spreadsheet_goes_the_same_way(self, host, lead):
        """The first sheet, whatever the file is called."""
        rows = [cells.split(",") for cells in export(line("R-1"), line("R-2")).decode().splitlines()]
        answer = upload(lead, xlsx({"Export": rows}), name="export.xlsx")
        assert answer.status_code == 303
        host.run_imports()
        assert "New people A person and their support are added. 2" in words(lead.get(answer.headers["Location"]).text)

    def test_likely_twins_are_told_by_row(self, host, lead):
        """With what to do about them."""
        host.upload(export(line("R-7")))
        told = words(lead.get(planned(host, lead, export(line("R-7"), line("r-07")))).text)
        assert "1 row looks like somebody who is here already" in told
        assert "zeros, spaces or capitals: row 3." in told

    def test_a_part_of_a_file_takes_nobody_for_gone(self, host, lead):
        """Whoever says so is asked about nobody."""
        host.upload(export(line("R-1"), line("R-2")))
        page = planned(host, lead, export(line("R-1")))
        assert "1 person of this system is not in this file." in words(lead.get(page).text)
        page = planned(host, lead, export(line("R-1")), is_part="yes")
        assert "not in this file" not in words(lead.get(page).text)

    def test_the_rows_to_mend_are_the_data_lead_s_alone(self, host, lead):
        """As a file with their cells; the others' page says who can."""
        page = planned(host, lead, export(line("R-1"), line("R-2", Nation=SEEN_SECRET)))
        answer = lead.get(f"{page}/errors.csv")
        assert answer.mimetype == "text/csv"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert SEEN_SECRET in answer.text
        assert "R-1," not in answer.text
        assert SEEN_SECRET not in lead.get(page).text
        for role in ("HOST_DPO", "HOST_ADMIN"):
            other = host.browser(role)
            assert "Your data lead can download" in words(other.get(page).text)
            assert other.get(f"{page}/errors.csv").status_code == 404


class TestWaiting:
    def test_a_page_that_waits_loads_itself_a_bounded_number_of_times(self, host, lead):
        """By a header, no script; the page offers to stop it."""
        page = upload(lead, export(line("R-1"))).headers["Location"]
        first = lead.get(page)
        assert first.headers["Refresh"] == f"2; url={page}?seen=1"
        assert "loads itself again after 2 seconds" in words(first.text)
        assert "Refresh" not in lead.get(f"{page}?still=yes").headers
        assert "Refresh" not in lead.get(f"{page}?seen={MOST_LOADS}").headers
        host.run_imports()
        assert "Refresh" not in lead.get(page).headers

    def test_the_waits_grow_and_end(self):
        """Under a quarter of an hour in all, so that no session lives on by itself."""
        waits = [next_load_s(seen) for seen in range(MOST_LOADS)]
        assert waits == sorted(waits)
        assert sum(waits) < 900
        assert next_load_s(MOST_LOADS) is None

    def test_a_job_that_does_not_move_is_told_with_what_to_do(self, host, lead):
        """Not at once, and not once it goes on."""
        page = upload(lead, export(line("R-1"))).headers["Location"]
        assert "Nothing has moved" not in words(lead.get(page).text)
        host.at(real_now() + SILENT + timedelta(minutes=1))
        assert "ask your operator to run: alongside doctor" in words(lead.get(page).text)
        host.run_imports()
        assert "Nothing has moved" not in words(lead.get(page).text)

    @pytest.mark.parametrize(("since", "silent"), [(SILENT, False), (SILENT + timedelta(seconds=1), True)])
    @pytest.mark.parametrize("state", [PLANNING, COMMITTING, UNDOING])
    def test_each_step_of_the_job_begins_the_time_again(self, state, since, silent):
        """By real time; what waits for nobody is never silent."""
        now = real_now()
        one = Import(
            id="i", state=state, profile=None, source=None, actor_id="a", received_at=now, held_until=now - since
        )
        assert is_silent(one, now=now, really=now) is silent
        assert not is_silent(replace(one, state=PLANNED), now=now, really=now)


class TestRights:
    @pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "SAFEGUARDING_LEAD"])
    def test_to_others_there_is_no_such_page(self, host, lead, role):
        """Neither to look at nor to send."""
        page = planned(host, lead, export(line("R-1")))
        other = host.browser(role)
        for path in (PAGE, page, f"{page}/rows", f"{page}/errors.csv"):
            assert other.get(path).status_code == 404
        form = fields_of(other.get("/start").text, "/sign-out")
        number = "0192a3b4-0000-7000-8000-000000000000"
        for path in (PAGE, f"{page}/commit", f"{page}/undo"):
            assert other.post(path, **form, form_number=number, looked="yes").status_code == 404

    @pytest.mark.parametrize("role", ["HOST_DPO", "HOST_ADMIN", "HOST_DATA_LEAD"])
    def test_each_importer_goes_the_whole_way_under_their_own_login(self, host, role):
        """From file to history."""
        browser = host.browser(role)
        page = planned(host, browser, export(line("R-1")))
        assert "Carried out" in committed(host, browser, page)
        started = audited(host, "case", action="case:import:start", actor_id=host.people[role])
        assert len(started) == 1

    def test_every_look_is_audited_and_an_unknown_import_is_404(self, host, lead):
        """As the API's."""
        page = planned(host, lead, export(line("R-1")))
        lead.get(page)
        name = page.rpartition("/")[2]
        actor = host.people["HOST_DATA_LEAD"]
        for action in ("case:import:read", "case:import_plan:read"):
            assert audited(host, "case", action=action, object_id=name, actor_id=actor)
        assert lead.get(f"{PAGE}/0192a3b4-0000-7000-8000-000000000000").status_code == 404


def test_a_form_of_another_site_imports_nothing(host, lead):
    """The check is in the form, and the session in a cookie that no other site's form sends."""
    answer = lead.post(PAGE, file=(io.BytesIO(export(line("R-1"))), "export.csv"))
    assert answer.status_code == 403
    assert Browser(host).get(PAGE).status_code == 303
    assert host.database("case")["imports"].count_documents({}) == 0
