"""The board's application over its own database, with releases that a test plants."""

import fcntl
import os
import secrets
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from pymongo import MongoClient
from waitress.server import create_server

from deploy.provision.spec import Timings
from deploy.provision.tenants import Provisioner
from services.board.releases.rules import digest_of, release_message
from services.identity.people.provisioning import create_first_user
from shared.kernel.ids import new_id
from shared.kernel.tenancy import BOARD, CENTRE
from shared.runtime.context import open_context
from shared.runtime.serving import build_app

PASSWORD = "correct horse battery staple"
YEAR_TABLES = [
    {"table": "GENDER", "status": "SHOWN", "level": 1, "cells": {"FEMALE": 75, "MALE_OR_OTHER_OR_NOT_STATED": 60}},
    {"table": "EXPLOITATION_LABOUR", "status": "SHOWN", "level": 1, "cells": {"YES": 70, "NO": 65}},
    {"table": "EXPLOITATION_SEXUAL", "status": "SHOWN", "level": 1, "cells": {"YES": 45, "NO": 90}},
    {"table": "EXPLOITATION_CRIMINAL", "status": "NOT_PUBLISHED", "level": 0, "cells": {}},
    {"table": "EXPLOITATION_DOMESTIC", "status": "SHOWN", "level": 1, "cells": {"YES": 20, "NO": 115}},
    {
        "table": "REGION_OF_NATIONALITY",
        "status": "SHOWN_COARSER",
        "level": 2,
        "cells": {"UK_EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN": 35, "AFRICA": 55, "ASIA": 45},
    },
]


class BoardPlace:
    """The board's application over its own database, with releases that a test plants.

    A pair of engines has one board, one central register and one port for it, so a place waits until no other
    process of the test run has one.
    """

    def __init__(self, engines, folder):
        self._turn = (engines.layout.home / "board-place.lock").open("w")
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        self._provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100,)), demo=True)
        self._provisioner.provision_centre()
        os.environ["ALONGSIDE_SECRETS"] = str(engines.layout.secrets_dir / "credentials")
        self.board = open_context(BOARD, "board", kind="api")
        self.centre = open_context(CENTRE, "identity", kind="api")
        self.admin = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
        self.database = self.admin[self.board.database_name]
        self.app = build_app({"board": self.board})
        self._servers = []
        self.clear()

    def clear(self):
        for name in ("tasks", "releases", "judgements", "learnings", "outbox"):
            self.database[name].delete_many({})

    def close(self):
        self.clear()
        for server in self._servers:
            server.close()
        for context in (self.board, self.centre):
            context.committer.close()
            context.client.close()
        self.admin.close()
        self._provisioner.close()
        self._turn.close()

    def serve(self):
        """Serve the board, and the central register where its sign-in asks; gives the board's address."""
        if not self._servers:
            register = urlsplit(self.board.settings.extra["sign_in_register"]).port
            for app, port in ((self.app, 0), (build_app({"identity": self.centre}), register)):
                server = create_server(app, host="127.0.0.1", port=port, threads=4, ident="", asyncore_use_poll=True)
                threading.Thread(target=server.run, daemon=True).start()
                self._servers.append(server)
        return f"http://127.0.0.1:{self._servers[0].effective_port}"

    @property
    def http(self):
        return self.app.test_client()

    def person(self, role):
        login = f"{secrets.token_hex(6)}@centre.example"
        create_first_user(self.centre, login=login, password=PASSWORD, roles=(role,))
        return login

    def token(self, role):
        """A bearer token of the central register for the board."""
        login = self.person(role)
        app = build_app({"identity": self.centre})
        form = {"grant_type": "password", "username": login, "password": PASSWORD, "role": role, "audience": "board"}
        answer = app.test_client().post("/v1/token", data=form)
        assert answer.status_code == 200, answer.json
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    def publish(self, period="2026", *, people=135, tables=None, plan="year-v1", days=0, **changes):
        """Plant a published release."""
        release = {
            "_id": new_id(), "task_id": new_id(), "task_hash": "0" * 64, "period": period, "covers": [period],
            "plan_id": plan, "roster_size": 8, "people": people, "hosts": 7,
            "tables": YEAR_TABLES if tables is None else tables,
            "seal_at": datetime(2027, 1, 15, tzinfo=UTC), "received_at": datetime(2027, 1, 18, tzinfo=UTC),
            "state": "PUBLISHED", "published_at": datetime(2027, 1, 20, tzinfo=UTC) + timedelta(days=days),
            "revisions": [], "drafted_by": new_id(), "drafted_at": datetime(2027, 1, 19, tzinfo=UTC),
            "lapses_at": datetime(2027, 2, 1, tzinfo=UTC), "version": 1, **changes,
        }  # fmt: skip
        release["digest"] = digest_of(release)
        key = self.board.trust.own
        release |= {"signature": key.sign(release_message(release["digest"])), "signing_key": key.public}
        self.database["releases"].insert_one(release)
        return release

    def protected(self, period="2026", *, days_ago=1):
        """Plant a task with protected tables that wait for a statistician."""
        task = {
            "_id": new_id(), "period": period, "covers": [period], "plan_id": "year-v1", "roster": ["alder", "birch"],
            "task_hash": "0" * 64, "seal_at": datetime(2027, 1, 15, tzinfo=UTC), "version": 1,
            "closes_at": datetime(2027, 1, 18, tzinfo=UTC), "state": "PROTECTED",
            "ended_at": self.board.clock.now() - timedelta(days=days_ago), "terms": {},
            "result": {"people": 135, "hosts": 7, "tables": YEAR_TABLES},
        }  # fmt: skip
        self.database["tasks"].insert_one(task)
        return task
