"""One year of the demo from import to release, as its people would do it, over the APIs.

Each step looks whether it is done already, so a second run is quick and changes nothing, and a run that was
interrupted is taken up where it was.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.hosts import HOSTS, PERIOD, PLAN, WORDING, WORDING_TEXT
from deploy.demo.make_exports import EXPORTS
from deploy.stack.api_client import ApiClient, ApiRefusedError
from deploy.stack.halves import held_by_custodian
from deploy.stack.people import client_of
from deploy.stack.stack import Stack
from shared.codelists.periods import Period
from shared.kernel.clock import read_offset
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.tenancy import BOARD

_PATIENCE_S = 180.0
_LOOK_S = 0.3
_CLOCK_REREAD_S = 0.5


class DemoStuckError(TemporarilyUnavailableError):
    """A step did not come to its end in time."""

    code = "demo-stuck"

    def __init__(self, step: str) -> None:
        """Name the step."""
        super().__init__(f"The demo waits for: {step}. Look at: alongside doctor")


def begin_clock(stack: Stack) -> None:
    """Set a new demo's clock into its period, before any process starts."""
    stack.advance_clock((Period.parse(PERIOD).seal_at() - timedelta(hours=20) - datetime.now(UTC)).total_seconds())


def run_period(stack: Stack, say: Callable[[str], None]) -> dict[str, Any]:
    """Carry the demo's period to its release and give the release."""
    board = client_of(stack, BOARD, "statistician")
    existing = board.get("/v1/releases")["items"]
    if existing:
        return dict(existing[0])
    period = Period.parse(PERIOD)
    if not board.get("/v1/tasks")["items"]:
        say(f"The board opens {PERIOD} for six hosts")
        board.post("/v1/tasks", {"period": PERIOD, "plan": PLAN, "roster": [host.id for host in HOSTS]})
    for host in HOSTS:
        say(f"{host.name}: registering the words, importing its export")
        _register_wording(client_of(stack, host.id, "dpo"))
        _import(client_of(stack, host.id, "dpo"), (EXPORTS / host.file_name).read_bytes(), host.profile)
    for host in HOSTS:
        say(f"{host.name}: its data lead looks at the preview and signs")
        _sign(client_of(stack, host.id, "datalead"))
    say("The clock is moved to the seal; each host proves its consents, seals and sends two halves")
    _set_clock(stack, period.seal_at() + timedelta(minutes=1))
    for host in HOSTS:
        lead = client_of(stack, host.id, "datalead")
        _until(f"{host.name} to seal", lambda lead=lead: _preview(lead).get("state") == "SEALED")  # type: ignore[misc]
    _until(
        "the board to hold every half", lambda: all(h["status"] == "ON_TIME" for h in board.get("/v1/hosts")["items"])
    )
    ended = ("PROTECTED", "NOT_PUBLISHED", "RELEASED")
    _until(
        "the custodian to hold every half",
        lambda: _state(board) in ended or held_by_custodian(stack, PERIOD) >= len(HOSTS),
    )
    say("The clock is moved to the closing; the custodian opens one sum and protects it")
    _set_clock(stack, period.closes_at() + timedelta(minutes=1))
    _until("the protected tables", lambda: _state(board) in ended)
    say("The statistician signs the release; another person approves it")
    drafts = board.get("/v1/releases/drafts")["items"]
    answer = drafts[0] if drafts else board.post("/v1/releases", {"task_id": board.get("/v1/tasks")["items"][-1]["id"]})
    approver = client_of(stack, BOARD, "approver")
    approver.post(f"/v1/releases/{answer['id']}/approve", {"digest": answer["digest"]})
    return dict(board.get(f"/v1/releases/{answer['id']}"))


def left_out(stack: Stack, host_id: str) -> dict[str, Any]:
    """Give a host's own preview, from that host's own login."""
    return _preview(client_of(stack, host_id, "datalead"))


def _register_wording(dpo: ApiClient) -> None:
    if any(w["code"] == WORDING for w in dpo.get("/v1/consent-wordings")["items"]):
        return
    dpo.post(
        "/v1/consent-wordings",
        {
            "code": WORDING,
            "purpose": "AGGREGATE_STATISTICS",
            "recipient_class": "PROJECT_BOARD",
            "languages": [],
            "valid_from": "2026-01-01T00:00:00Z",
            "text": WORDING_TEXT,
        },
    )


def _import(dpo: ApiClient, content: bytes, profile: str) -> dict[str, Any]:
    started = dpo.upload("/v1/imports", content, profile=profile)
    report: dict[str, Any] = {}

    def done() -> bool:
        report.update(dpo.get(f"/v1/imports/{started['id']}"))
        return bool(report["state"] != "WAITING")

    _until("an import", done)
    return report


def _state(board: ApiClient) -> str:
    return str(board.get("/v1/tasks")["items"][-1]["state"])


def _preview(lead: ApiClient) -> dict[str, Any]:
    try:
        return dict(lead.get(f"/v1/periods/{PERIOD}/preview"))
    except ApiRefusedError as error:
        if error.status == 404:  # noqa: PLR2004  The task is still on its way.
            return {}
        raise


def _sign(lead: ApiClient) -> None:
    """Sign once the preview stands still and is proven: what the import stated has arrived."""
    seen: list[str] = []

    def still() -> bool:
        preview = _preview(lead)
        if preview.get("signature") == "SIGNED":
            return True
        seen.append(preview.get("digest", ""))
        people = preview.get("figures", {}).get("people", 0)
        settled = people > 0 and len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]  # noqa: PLR2004
        return settled and bool(preview.get("may_be_signed"))

    _until("a preview to stop changing", still)
    preview = _preview(lead)
    if preview["signature"] != "SIGNED":
        lead.post(f"/v1/periods/{PERIOD}/sign-off", {"digest": preview["digest"]})


def _set_clock(stack: Stack, moment: datetime) -> None:
    if datetime.now(UTC) + timedelta(seconds=read_offset(stack.layout.clock_file).seconds) >= moment:
        return  # A run that was interrupted was further already; the business clock never goes back.
    stack.advance_clock((moment - datetime.now(UTC)).total_seconds())
    # A process that looked at the clock just before keeps the old offset for a fifth of a second.
    time.sleep(_CLOCK_REREAD_S)


def _until(step: str, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not reached():
        if time.monotonic() > deadline:
            raise DemoStuckError(step)
        time.sleep(_LOOK_S)
