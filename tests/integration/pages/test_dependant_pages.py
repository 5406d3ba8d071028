"""The page that asks whether children depend on somebody: what to think of, a code and a day, and no field for words."""

from datetime import UTC, datetime

from tests.kit.page_browser import words

NOW = datetime(2026, 9, 1, 13, tzinfo=UTC)


def test_it_asks_and_keeps_a_code_and_asks_again(host):
    """The person's page says so, the page Due asks again, and nothing of a child can be typed."""
    host.at(NOW)
    host.login("IMSA")
    survivor = host.survivor(name="Ida <i>", advocate_id=host.people["IMSA"])
    advocate, page = host.browser("IMSA"), f"/support/{survivor}/dependants"
    assert "Children who depend on them : Nobody has asked yet. It is time to ask." in words(
        advocate.get(f"/support/{survivor}").text
    )
    shown = advocate.get(page).text
    assert "Wales: the local council" in words(shown)
    assert "<textarea" not in shown
    wrong = advocate.send(page, page, answer="", on_day="31", on_month="2", on_year="2026")
    assert wrong.status_code == 422
    assert "Choose what they answered" in words(wrong.text)
    early = advocate.send(page, page, answer="NO", on_day="1", on_month="8", on_year="2026")
    assert early.status_code == 422
    assert '<option value="NO" selected>' in early.text
    done = advocate.send(page, page, answer="NO", on_day="1", on_month="12", on_year="2026")
    assert done.headers["Location"] == f"{page}?done=answered"
    assert "1 September 2026 : No; ask again by 1 December 2026" in words(advocate.get(page).text)
    assert "Ask again in private whether children depend on them" in words(advocate.get("/due").text)
    assert "Children who depend on them No. Ask" in words(advocate.get(f"/support/{survivor}/handover").text)
    assert host.browser("HOST_ADMIN").get(page).status_code in (403, 404)
