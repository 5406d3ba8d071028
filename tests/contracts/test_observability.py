"""Alerts, dashboards and runbooks speak of what exists: metrics, labels, pages and commands."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from client.main import app
from shared.telemetry import metric_names
from shared.telemetry.metric_names import METRICS, MetricKind

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "observability"
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
RESOURCE_LABELS = {"alongside_tenant", "alongside_process_kind", "le"}
SERIES = re.compile(r"\b((?:alongside|http_server)_[a-z_]+)\b")
UNITS = {"s": "_seconds"}


def series_of(metric):
    """The names that the collector's Prometheus exporter gives a metric."""
    base = metric.name.replace(".", "_") + UNITS.get(metric.unit, "")
    if metric.kind is MetricKind.HISTOGRAM:
        return {base + ending for ending in ("_bucket", "_sum", "_count")}
    return {base + "_total"} if metric.kind is MetricKind.COUNTER else {base}


METRIC_OF = {series: metric for metric in METRICS for series in series_of(metric)}


def alerts():
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboards():
    return {f.name: json.loads(f.read_text(encoding="utf-8")) for f in (FOLDER / "grafana/dashboards").glob("*.json")}


def expressions():
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]


def sending_code():
    files = [p for part in ("services", "shared") for p in (ROOT / part).rglob("*.py") if p.name != "metric_names.py"]
    return "\n".join(p.read_text(encoding="utf-8") for p in files)


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_series_and_label_exists(where, expression):
    """A panel or alert on a name that nobody sends would be silent for ever."""
    named = set(SERIES.findall(expression)) - RESOURCE_LABELS
    assert named, where
    assert named <= METRIC_OF.keys(), where
    labels = set().union(*(METRIC_OF[series].labels for series in named)) | RESOURCE_LABELS
    grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")}
    matched = {label for braces in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r"(\w+)=", braces)}
    assert grouped | matched <= labels, where


def test_every_listed_metric_is_sent_by_code_outside_telemetry():
    """A name in the list without a caller promises what nobody measures."""
    code = sending_code()
    constants = {name for name, value in vars(metric_names).items() if isinstance(value, metric_names.Metric)}
    unsent = {name for name in constants if not re.search(rf"(counter|gauge|histogram)\((\w+ as )?{name}", code)}
    # One is sent under another name, for it has a namesake among the fates.
    unsent -= {"PARKED"} if "counter(PARKED_BY_REASON)" in code else set()
    assert unsent == set()


def test_every_alert_has_its_runbook_and_every_runbook_its_reason():
    """Who is woken finds cause, look, mend and verify; no page is an orphan."""
    pages = {str(page.relative_to(ROOT)) for page in RUNBOOKS}
    wanted = {rule["annotations"]["runbook"] for rule in alerts()}
    assert wanted <= pages
    code = sending_code()
    assert all(page in code for page in pages - wanted)
    for rule in alerts():
        assert f"`{rule['alert']}`" in (ROOT / rule["annotations"]["runbook"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_a_runbook_has_its_four_parts_and_its_commands_exist(page):
    """Every command is one that the CLI has, with arguments and options that it takes."""
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Cause", "Look", "Mend", "Verify"]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    assert lines
    for line in lines:
        words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=\S+", word)]
        assert words[0] == "alongside", line
        assert is_taken(words[1:]), line
    for named in re.findall(r"\b([a-z-]+\.md)\b", text):
        assert (page.parent / named).exists(), named


def is_taken(words):
    """Whether the CLI takes a command line, parsed as it would itself, without running it."""
    command = get_command(app)
    try:
        context = command.make_context("alongside", list(words))
        while hasattr(command, "commands"):
            rest = [*context._protected_args, *context.args]
            name, command, rest = command.resolve_command(context, rest)
            context = command.make_context(name, rest, parent=context)
    except Exception:  # noqa: BLE001  Typer carries its own click, whose errors have no public name.
        return False
    return True


@pytest.mark.parametrize(
    "wrong", [["no-such-command"], ["erase", "resume"], ["parked", "list"], ["doctor", "--colour"]]
)
def test_the_check_of_commands_can_fail(wrong):
    """A command that is not there, lacks an option or has one too many is refused."""
    assert not is_taken(wrong)


def test_dashboards_have_stable_ids_and_grafana_finds_its_source():
    """Provisioned, not clicked together; every panel asks the one source."""
    source = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/alongside.yaml").read_text(encoding="utf-8"))
    uid = source["datasources"][0]["uid"]
    found = dashboards()
    assert len({d["uid"] for d in found.values()}) == len(found) >= 3
    for dashboard in found.values():
        assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {uid}
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
        assert dashboard["editable"] is False


def test_collector_and_scraper_fit_together():
    """Prometheus scrapes where the collector listens, and the collector takes what processes send."""
    collector = yaml.safe_load((FOLDER / "collector.yaml").read_text(encoding="utf-8"))
    prometheus = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))
    port = collector["exporters"]["prometheus"]["endpoint"].rpartition(":")[2]
    targets = [t for job in prometheus["scrape_configs"] for config in job["static_configs"] for t in config["targets"]]
    assert f"collector:{port}" in targets
    assert prometheus["rule_files"] == ["alerts.yaml"]
    for pipeline in collector["service"]["pipelines"].values():
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) <= collector[part].keys()
