"""A whole host whose people sign in with a browser: for pages that join what several services show."""

import threading

from waitress.server import create_server

from services.identity.people.provisioning import create_first_user
from services.reporting.periods.facts import keep_task
from shared.outbox.commands import Answer, Command
from tests.kit.centre_words import prove, task_received
from tests.kit.host_place import PASSWORD
from tests.kit.page_browser import Browser
from tests.kit.tenant_place import TenantPlace

EMPTIED = {
    "case": (
        "survivors", "survivor_marks", "possible_duplicates", "survivor_searches", "episodes", "entries", "contacts",
        "steps", "goals", "outcome_ratings", "entitlements", "needs", "risks", "imports", "import_rows",
        "import_changes", "data_tasks", "tasks", "nrm_entries", "caseload_moves", "caseload_limits", "outbox",
        "contact_looks", "handovers", "handover_notes", "visits", "restrictions", "vital_openings", "disclosures",
        "approvals", "approval_settings", "interpreters", "interpreter_wishes", "interpreter_nevers",
        "interpreter_bookings", "dependant_answers",
        "emergencies", "emergency_nevers", "emergency_tries",
    ),
    "consent": ("consents", "people", "episodes", "wordings", "stops", "permits", "withdrawals", "outbox"),
}  # fmt: skip


class PagesPlace(TenantPlace):
    """A host with one person of each role that a test asks for."""

    def __init__(self, engines, folder, **options):
        super().__init__(engines, folder, **options)
        self.people = {}
        self._secrets = engines.layout.secrets_dir
        self._server = None

    def close(self):
        if self._server is not None:
            self._server.close()
        super().close()

    def login(self, role):
        """The user name of somebody of a role, whom services have heard of when this returns."""
        login = f"{role.lower().replace('_', '')}@{self.tenant}.example"
        if role not in self.people:
            name = role.replace("_", " ").title()
            self.people[role] = self._actors[role] = create_first_user(
                self.contexts["identity"], login=login, password=PASSWORD, roles=(role,), display_name=f"Pat {name}"
            )
            self.pump()
        return login

    def browser(self, role):
        """Somebody of a role, signed in."""
        self.login(role)
        return Browser(self, role)

    def clear(self):
        """Forget everybody who is supported here; the host's own people stay."""
        for service, names in EMPTIED.items():
            database = self.database(service)
            for name in names:
                database[name].delete_many({})

    def open_task(self, period):
        """Let the board open a period here, the only one."""
        for name in ("tasks", "contributions", "sign_offs", "vectors"):
            self.database("reporting")[name].delete_many({})
        reporting = self.contexts["reporting"]
        received = task_received(self.tenant, reporting.trust.own.public, self._secrets, period)

        def keep(work):
            keep_task(received, work, trust=reporting.trust)
            return Answer(status=200)

        reporting.committer.execute(Command(run=keep))

    def prove(self, through):
        """Carry every fact, and let consent's marks prove to reporting that there are no more."""
        self.pump()
        prove(self.database("reporting"), through)

    def serve(self):
        """Serve over HTTP on a free port; give the address."""
        if self._server is None:
            self._server = create_server(
                self.app, host="127.0.0.1", port=0, threads=6, ident="", asyncore_use_poll=True
            )
            threading.Thread(target=self._server.run, daemon=True, name="pages-place").start()
        return f"http://127.0.0.1:{self._server.effective_port}"
