"""Reads and fills in the server's pages without a screen."""

import html
import json
import re

from pymongo import MongoClient

from shared.contracts.marks import AUDITS
from tests.kit.host_place import PASSWORD


class Browser:
    """A browser without a screen: keeps cookies, reads pages, sends forms."""

    def __init__(self, host, role=None, *, login=None):
        self.host = host
        self.http = host.app.test_client()
        if role is not None or login is not None:
            username = login or host.login(role)
            answer = self.send("/sign-in", "/sign-in", username=username, password=PASSWORD)
            assert answer.status_code == 303, answer.text

    def get(self, path):
        return self.http.get(path, base_url="http://127.0.0.1")

    def post(self, path, **form):
        return self.http.post(path, data=form, base_url="http://127.0.0.1", headers={"Origin": "http://127.0.0.1"})

    def send(self, page, target, **form):
        """Load a page and send its form with what it holds and what is filled in."""
        hidden = fields_of(self.get(page).text, target)
        return self.post(target, **{**hidden, **form})


def fields_of(page, target):
    form = re.search(rf'<form[^>]*action="{re.escape(target)}".*?</form>', page, re.DOTALL)[0]
    return {k: html.unescape(v) for k, v in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}


def words(page):
    """The page's words as somebody reads them."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.split("<main")[1].split("</main>")[0])).split())


def audited(host, service="reporting", **wanted):
    admin: MongoClient = host._admin
    rows = admin[host.contexts[service].database_name]["outbox"].find()
    actions = [
        action
        for row in rows
        for event in row["events"]
        if event["type"] == AUDITS[service].event_type
        for action in json.loads(event["body"])["actions"]
    ]
    return [a for a in actions if all(a[k] == v for k, v in wanted.items())]
