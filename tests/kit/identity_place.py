"""Identity alone, over a real database."""

import json
import secrets
from types import SimpleNamespace

from services.identity.people.provisioning import create_first_user
from services.identity.sessions.passwords import Passwords
from shared.contracts.marks import AUDITS
from shared.runtime.context import ServiceContext
from shared.runtime.serving import build_app

PASSWORD = "correct horse battery staple"


class Place:
    """One tenant's identity: its application, its database, and ways to sign in."""

    def __init__(self, context, admin):
        self.context = context
        self.app = build_app({"identity": context})
        self.database = admin[context.database_name]
        self.tenant = context.tenant_id
        self._admin = admin
        self.others = []

    def beside(self):
        """A second process of the same identity, with a committer of its own."""
        context = ServiceContext(self.context.tenant_id, "identity", self.context.settings)
        context.__dict__["database_name"] = self.context.database_name
        context.built["passwords"] = Passwords(cheap=True)
        self.others.append(context)
        return Place(context, self._admin)

    @property
    def http(self):
        return self.app.test_client()

    def grant(self, **form):
        """POST the token form."""
        return self.http.post("/v1/token", data=form)

    def password(self, login, password=PASSWORD, **form):
        return self.grant(grant_type="password", username=login, password=password, **form)

    def headers(self, login, **form):
        answer = self.password(login, **form)
        assert answer.status_code == 200, answer.json
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    def enrol(self, path, password=PASSWORD, **body):
        """Set a password with an enrolment link."""
        link = path.rpartition("/")[2]
        return self.http.post("/v1/enrolments", json={"link": link, "password": password, **body})

    def person(self, *roles, **options):
        """Add a user of these roles; gives login and id."""
        login = f"{secrets.token_hex(6)}@host.example"
        user_id = create_first_user(self.context, login=login, password=PASSWORD, roles=roles, **options)
        return SimpleNamespace(login=login, id=user_id)

    def audited(self, **wanted):
        """Every audited action so far that has these values."""
        actions = [
            action
            for row in self.database["outbox"].find()
            for event in row["events"]
            if event["type"] == AUDITS["identity"].event_type
            for action in json.loads(event["body"])["actions"]
        ]
        return [a for a in actions if all(a[name] == value for name, value in wanted.items())]
