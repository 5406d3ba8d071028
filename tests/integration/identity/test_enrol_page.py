"""The page on which a person sets their password."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.identity.people.provisioning import invite_first_administrators, open_again
from tests.kit.identity_place import PASSWORD

HIDDEN = re.compile(r'name="(form_[a-z]+)" value="([^"]*)"')


@pytest.fixture
def invited(make_place):
    """A place of its own, and the path of its first administrator's link."""
    place = make_place()
    return place, next(iter(invite_first_administrators(place.context).values()))


def chosen(place, path, password=PASSWORD, again=None):
    """Open the link in a browser of its own and send its form, with what is hidden in it."""
    browser = place.http
    page = browser.get(path).get_data(as_text=True)
    hidden = dict(HIDDEN.findall(page))
    return browser.post(path, data={**hidden, "password": password, "again": again or password})


def test_a_link_sets_the_password_once_and_leads_to_the_sign_in(invited):
    """Who typed two different ones is asked again, and nothing is set."""
    place, path = invited
    assert "not the same" in chosen(place, path, again="something else entirely").get_data(as_text=True)
    answer = chosen(place, path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?why=enrolled")
    assert chosen(place, path).status_code == 404


def test_a_link_that_does_not_work_looks_the_same_whatever_is_wrong(invited):
    """Unknown, used, replaced, too old: one page, with nobody's name on it."""
    place, path = invited
    login = next(iter(invite_first_administrators(place.context)))
    replaced, used = path, open_again(place.context, login=login)
    assert chosen(place, used).status_code == 303
    old = open_again(place.context, login=login)
    place.database["enrolments"].update_many({}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    shown = [place.http.get(one) for one in ("/enrol/unknown", used, replaced, old)]
    assert {answer.status_code for answer in shown} == {404}
    # What is hidden in a form is drawn for each page.
    assert len({HIDDEN.sub("", answer.get_data(as_text=True)) for answer in shown}) == 1
    assert login not in shown[0].get_data(as_text=True)


def test_the_page_needs_no_script_and_tells_no_other_site_the_link(invited):
    """No script stands on it, and a browser sends its address nowhere else."""
    place, path = invited
    answer = place.http.get(path)
    assert answer.status_code == 200
    assert "<script" not in answer.get_data(as_text=True)
    assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
