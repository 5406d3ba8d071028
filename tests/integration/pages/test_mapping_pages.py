"""The pages of mappings over the real case: from a file to an approved mapping and a plan, without a terminal."""

import html
import io
import re

import pytest

from services.case.mappings.commands import ApproveMapping, ProposeMapping
from tests.kit.page_browser import Browser, audited, fields_of, words
from tests.kit.spreadsheets import xlsx

PAGE = "/mappings"
HEADER = "Klient,Began,Age,Sex,Nat.,Kind of harm,Where,Stats OK?,Remark"
SECRET = "Zephyrine"
ROWS = [
    "SYN-M-1,02/10/2026,34,Frau,Albanian,Field work,England,Yes,Zephyrine lives at the mill",
    "SYN-M-2,03/10/2026,29,Mann,Vietnamese,Field work,England,Form B,x",
    "SYN-M-3,04/10/2026,41,Frau,Eritrean,Labour,England,Yes,y",
]
FILE = "\n".join([HEADER, *ROWS, ""]).encode()


@pytest.fixture
def lead(host):
    host.database("case")["import_profiles"].delete_many({})
    return host.browser("HOST_DATA_LEAD")


def look(browser, content=FILE, name="export.csv", **form):
    """Send a file to be looked at."""
    fields = fields_of(browser.get(PAGE).text, f"{PAGE}/columns")
    return browser.post(f"{PAGE}/columns", **{**fields, **form, "file": (io.BytesIO(content), name)})


def form_of(answer, target):
    """Everything that the form on a page would send as it stands: hidden fields, selects, and inputs."""
    form = re.search(rf'<form[^>]*action="{re.escape(target)}".*?</form>', answer.text, re.DOTALL)[0]
    found = {k: html.unescape(v) for k, v in re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form)}
    for name, inner in re.findall(r'<select[^>]* name="([\w-]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    for tag in re.findall(r'<input[^>]*type="text"[^>]*>', form):
        found[re.search(r'name="([^"]*)"', tag)[1]] = html.unescape(re.search(r'value="([^"]*)"', tag)[1])
    return found


def column(answer, name):
    """The name of the select under a column's name."""
    return html.unescape(re.search(rf'<label[^>]*for="(c\d+)">{re.escape(name)}</label>', answer.text)[1])


def word(answer, said):
    """The name of the field under a word."""
    return re.search(rf'<label[^>]*for="(w[\d-]+)">“{re.escape(said)}”</label>', answer.text)[1]


def go_on(browser, answer, **chosen):
    """Say which column is what; gives the page of words."""
    form = form_of(answer, f"{PAGE}/words")
    return browser.post(f"{PAGE}/words", **{**form, **{column(answer, k): v for k, v in chosen.items()}})


def keep(browser, answer, says=None, **named):
    form = form_of(answer, f"{PAGE}/keep")
    said = {word(answer, one): meaning for one, meaning in (says or {}).items()}
    return browser.post(f"{PAGE}/keep", **{**form, "source_new": "casefile", "name": "house", **named, **said})


COLUMNS = {
    "Klient": "reference", "Began": "referral_date", "Kind of harm": "exploitation", "Where": "nation",
    "Stats OK?": "consent",
}  # fmt: skip
SAYS = {"Frau": "FEMALE", "Mann": "MALE", "Field work": "LABOUR", "Form B": "REFUSED"}


def go_on_to_words(browser, content=FILE, **chosen):
    """Say which column is what, and send the file once more for its words."""
    answer = go_on(browser, look(browser, content), **chosen)
    form = form_of(answer, f"{PAGE}/keep")
    return browser.post(f"{PAGE}/words", **form, file=(io.BytesIO(content), "export.csv"))


def kept(browser, **named):
    """A mapping of the file; gives its address."""
    answer = keep(browser, go_on_to_words(browser, **COLUMNS), SAYS, **named)
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["Location"]


class TestFromFileToPlan:
    def test_columns_and_words_are_said_kept_approved_by_another_and_used(self, host, lead):
        """Each on a page; the file then goes by its header alone, its words as they were said, its no heard."""
        page = kept(lead)
        told = words(lead.get(page).text)
        assert "No import uses it yet" in told
        assert "“Frau” means: Female" in told
        assert "You made this mapping" in told
        other = host.browser("HOST_ADMIN")
        assert "Somebody else made this mapping" in words(other.get(page).text)
        assert other.send(page, f"{page}/approve").status_code == 303
        assert "Imports use it" in words(lead.get(page).text)
        assert audited(host, "case", action=ApproveMapping.action, actor_id=host.people["HOST_ADMIN"])
        fields = fields_of(lead.get("/imports").text, "/imports")
        answer = lead.post("/imports", **fields, file=(io.BytesIO(FILE), "export.csv"))
        assert answer.status_code == 303, words(answer.text)
        host.run_imports()
        plan = words(lead.get(answer.headers["Location"]).text)
        assert "New people A person and their support are added. 3" in plan, plan
        assert "System Casefile" not in plan
        assert "System casefile" in plan
        assert lead.send(answer.headers["Location"], f"{answer.headers['Location']}/commit", looked="yes")
        host.run_imports()
        genders = {d["gender"] for d in host.database("case")["episodes"].find()}
        assert genders == {"FEMALE", "MALE"}

    def test_each_guess_is_explained_and_what_is_doubtful_is_asked(self, host, lead):
        """A sure one is chosen already; a doubtful one is left out until somebody chooses."""
        answer = look(lead)
        told = words(answer.text)
        assert "Its name is 100 % like the gender; 0 of 3 cells can be read so." in told
        form = form_of(answer, f"{PAGE}/words")
        assert form[column(answer, "Sex")] == "gender"
        assert form[column(answer, "Remark")] == ""
        assert "Is this: Own reference?" in told
        assert "Is Klient the person's own number?" not in told  # It is asked at the column itself.
        assert "Which column is the person's own number in your system?" in told

    def test_a_spreadsheet_goes_the_same_way(self, host, lead):
        """By its first sheet."""
        rows = [line.split(",") for line in FILE.decode().splitlines()]
        assert "Which column is what" in words(look(lead, xlsx({"Export": rows}), name="export.xlsx").text)

    def test_nothing_is_kept_before_the_last_step_and_then_no_column_that_is_left_out(self, host, lead):
        """Neither cells nor the name of a column."""
        answer = go_on_to_words(lead, **COLUMNS)
        assert host.database("case")["import_profiles"].count_documents({}) == 0
        keep(lead, answer)
        (stored,) = host.database("case")["import_profiles"].find()
        assert "Remark" not in stored["text"]
        assert SECRET not in stored["text"]
        assert audited(host, "case", action=ProposeMapping.action, actor_id=host.people["HOST_DATA_LEAD"])

    def test_one_goes_back_to_the_columns_and_what_was_chosen_stays(self, host, lead):
        """As often as one likes."""
        answer = go_on(lead, look(lead), **COLUMNS)
        back = lead.post(f"{PAGE}/columns", **form_of(answer, f"{PAGE}/keep"))
        assert form_of(back, f"{PAGE}/words")[column(back, "Klient")] == "reference"


class TestWhoSeesWords:
    def test_a_word_of_a_column_whose_name_says_nothing_is_shown_when_the_file_is_sent_again(self, host, lead):
        """Before, only how many there are; another file is refused, and what was typed stays."""
        first = go_on(lead, look(lead), **COLUMNS)
        assert "“Field work”" not in first.text
        assert "2 further words are not shown here" in words(first.text)
        assert "“Field work”" in go_on_to_words(lead, **COLUMNS).text
        form = {**form_of(first, f"{PAGE}/keep"), "name": "typed"}
        other = lead.post(f"{PAGE}/words", **form, file=(io.BytesIO(b"Ref,Gender\nA-1,x\n"), "x.csv"))
        assert other.status_code == 422
        assert "other columns than the one that you began with" in words(other.text)
        assert form_of(other, f"{PAGE}/keep")["name"] == "typed"

    def test_only_the_data_lead_is_shown_what_stands_in_rows(self, host, lead):
        """An administrator maps columns; no word of a row is in any page, shown or hidden."""
        admin = host.browser("HOST_ADMIN")
        first = look(admin)
        second = go_on(admin, first, **COLUMNS)
        sent = {**form_of(second, f"{PAGE}/keep"), "file": (io.BytesIO(FILE), "export.csv")}
        for answer in (first, second, admin.post(f"{PAGE}/words", **sent)):
            assert "Frau" not in answer.text
            assert "Field work" not in answer.text
        assert "shown to your data lead alone" in words(second.text)
        assert "“Frau”" in go_on(lead, look(lead), **COLUMNS).text

    @pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DPO"])
    def test_to_others_there_are_no_such_pages(self, host, lead, role):
        """Neither to look at nor to send."""
        page = kept(lead)
        other = host.browser(role)
        for path in (PAGE, page):
            assert other.get(path).status_code == 404
        form = {
            **fields_of(other.get("/start").text, "/sign-out"),
            "form_number": "0192a3b4-0000-7000-8000-000000000000",
        }
        for path in (f"{PAGE}/columns", f"{PAGE}/words", f"{PAGE}/keep", f"{page}/approve", f"{page}/retire"):
            assert other.post(path, **form).status_code == 404


class TestWhatIsWrong:
    def test_two_columns_for_one_field_are_asked_and_nothing_typed_is_lost(self, host, lead):
        """At the second of them."""
        answer = go_on(lead, look(lead), **{**COLUMNS, "Remark": "reference"})
        assert answer.status_code == 422
        assert "Klient is this already" in words(answer.text)
        assert form_of(answer, f"{PAGE}/words")[column(answer, "Kind of harm")] == "exploitation"

    def test_a_word_for_no_is_nothing_else(self, host, lead):
        """It is understood as it stands, so nobody is asked what it means, beside one that is asked about."""
        answer = go_on_to_words(lead, FILE.replace(b"England,Yes,y", b"England,declined,y"), **COLUMNS)
        assert "“Form B”" in answer.text
        assert "“declined”" not in answer.text

    def test_names_are_asked_for(self, host, lead):
        """Without system or name nothing is kept; one that nobody can type stays to be mended."""
        answer = keep(lead, go_on(lead, look(lead), **COLUMNS), name="", source_new="two words")
        told = words(answer.text)
        assert answer.status_code == 422
        assert "Give the mapping a short name." in told
        assert "Say which system the file comes from." in told
        assert form_of(answer, f"{PAGE}/keep")["source_new"] == "two words"
        assert host.database("case")["import_profiles"].count_documents({}) == 0

    @pytest.mark.parametrize("content", [None, b"", b"\x00\x01", b"one\n"])
    def test_what_is_no_file_with_columns_says_so(self, host, lead, content):
        """And asks again."""
        fields = fields_of(lead.get(PAGE).text, f"{PAGE}/columns")
        file = {} if content is None else {"file": (io.BytesIO(content), "export.csv")}
        answer = lead.post(f"{PAGE}/columns", **fields, **file)
        assert answer.status_code == 422
        assert "There is a problem" in words(answer.text)

    @pytest.mark.parametrize("seen", ["", "nonsense", "eJw="])
    def test_a_form_that_did_not_come_whole_asks_for_the_file_again(self, host, lead, seen):
        """No fault of ours."""
        fields = fields_of(lead.get(PAGE).text, f"{PAGE}/columns")
        for step in ("columns", "words", "keep"):
            answer = lead.post(f"{PAGE}/{step}", **{**fields, "seen": seen, "form_number": ""})
            assert answer.status_code == 422, step


class TestLater:
    def test_a_changed_header_asks_and_begins_with_the_mapping_of_before(self, host, lead):
        """The import is not taken and says where to go; what is new is guessed, what is gone is told."""
        page = kept(lead)
        lead.send(page, f"{page}/approve")
        content = FILE.replace(b"Began", b"Start date").replace(b",Remark", b",Notes")
        fields = fields_of(lead.get("/imports").text, "/imports")
        refused = lead.post("/imports", **fields, file=(io.BytesIO(content), "x.csv"), source_new="casefile")
        told = words(lead.get(refused.headers["Location"]).text)
        assert "not those that mapping house was approved for" in told
        assert "make a mapping of it" in told
        answer = look(lead, content, earlier=page.rpartition("/")[2])
        assert "No longer in this file: Began" in words(answer.text)
        second = go_on(lead, answer, **{"Start date": "referral_date"})
        form = form_of(second, f"{PAGE}/keep")
        assert (form["name"], form[word(second, "Frau")]) == ("house", "FEMALE")
        newer = keep(lead, second, source_new="casefile").headers["Location"]
        lead.send(newer, f"{newer}/approve")
        assert "No longer used" in words(lead.get(page).text)
        assert "Version 2" in words(lead.get(newer).text)

    def test_what_still_waits_is_changed_in_place(self, host, lead):
        """The proposal of before is no longer to be approved."""
        page = kept(lead)
        answer = lead.send(page, f"{page}/change")
        second = go_on(lead, answer, Klient="reference")
        newer = keep(lead, second, title="Our case file").headers["Location"]
        assert "No longer used" in words(lead.get(page).text)
        assert "Our case file" in words(lead.get(newer).text)
        assert lead.post(f"{page}/approve", **form_of(lead.get(newer), f"{newer}/approve")).status_code == 409

    def test_a_mapping_is_used_no_more_when_somebody_says_so(self, host, lead):
        """And an old form about it is answered with how things stand."""
        page = kept(lead)
        old = form_of(lead.get(page), f"{page}/retire")
        assert lead.send(page, f"{page}/approve").status_code == 303
        stale = lead.post(f"{page}/retire", **old)
        assert stale.status_code == 409
        assert "Somebody has changed this mapping" in words(stale.text)
        assert lead.send(page, f"{page}/retire").status_code == 303
        assert "No longer used" in words(lead.get(page).text)

    def test_what_is_the_same_for_everybody_stands_in_the_plan_in_words(self, host, lead):
        """Not by the name that a program has for it."""
        chosen = {name: field for name, field in COLUMNS.items() if name != "Where"}
        second = go_on(lead, look(lead), **chosen)
        page = keep(lead, second, **{"all-nation": "WALES"}).headers["Location"]
        assert "For everybody Nation: Wales" in words(lead.get(page).text)
        lead.send(page, f"{page}/approve")
        fields = fields_of(lead.get("/imports").text, "/imports")
        plan = lead.post("/imports", **fields, file=(io.BytesIO(FILE), "export.csv")).headers["Location"]
        host.run_imports()
        shown = lead.get(plan).text
        assert re.search(r'as-label">Nation\s*<', shown)
        assert 'as-label">nation' not in shown

    def test_an_approved_mapping_can_be_chosen_for_an_import(self, host, lead):
        """By its title, before those that come with the software."""
        page = kept(lead, title="Our case file")
        assert "Our case file" not in lead.get("/imports").text
        lead.send(page, f"{page}/approve")
        shown = lead.get("/imports?profile=house").text
        assert '<option value="house" selected>Our case file</option>' in shown


def test_a_form_of_another_site_maps_nothing(host, lead):
    """The check is in the form, and the session in a cookie that no other site's form sends."""
    assert lead.post(f"{PAGE}/columns", file=(io.BytesIO(FILE), "x.csv")).status_code == 403
    assert Browser(host).get(PAGE).status_code == 303
