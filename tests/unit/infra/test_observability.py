"""What the tools that watch a Mayfly read: made from its parts, and from what is said once."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from infra.observability import files, scraping, used
from infra.observability.dashboards.catalogue import ALL
from infra.observability.dashboards.panels import Dashboard, model
from infra.observability.targets import Targets, on_this_machine
from tests.support.processes import ROOT

RULES = [
    rule
    for path in sorted(files.RULES.glob("*.yaml"))
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
HERE = Targets("web:1", "gateway:2", "firestore:3", "storage:4", "/key")


def test_ports_are_those_of_the_launcher() -> None:
    assert on_this_machine({}, "/home/.mayfly") == Targets(
        "127.0.0.1:8000",
        "127.0.0.1:8082",
        "127.0.0.1:8200",
        "127.0.0.1:9023",
        "/home/.mayfly/key",
    )
    moved = on_this_machine({"MAYFLY_WEB_PORT": "81"}, "/x")
    assert moved.web == "127.0.0.1:81"


@pytest.mark.parametrize("text", ["", "0", "65536", "eighty", "\uff18\uff10"])
def test_a_wrong_port_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"MAYFLY_WEB_PORT=.* is not a port"):
        on_this_machine({"MAYFLY_WEB_PORT": text}, "/x")


def test_every_part_has_a_job_and_rules_know_each() -> None:
    jobs = {job["job_name"]: job for job in scraping.prometheus(HERE)["scrape_configs"]}
    assert jobs[scraping.FUNCTIONS]["http_sd_configs"][0]["url"] == "http://gateway:2/replicas"
    assert jobs[scraping.STORAGE]["metrics_path"] == "/_/metrics"
    for job in (scraping.WEB, scraping.FUNCTIONS):
        assert jobs[job]["authorization"] == {"credentials_file": "/key"}
    (missing,) = [rule["expr"] for rule in RULES if rule.get("alert") == "MayflyPartMissing"]
    # Functions may well have no replica.
    assert {job for job in jobs if f'"{job}"' in missing} == jobs.keys() - {scraping.FUNCTIONS}


def test_alerts_are_told_to_a_webhook_where_there_is_one() -> None:
    (quiet,) = scraping.alertmanager(HERE)["receivers"]
    assert "webhook_configs" not in quiet
    (loud,) = scraping.alertmanager(replace(HERE, webhook="http://pager/"))["receivers"]
    assert loud["webhook_configs"] == [{"url": "http://pager/", "send_resolved": True}]


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    alerts = [rule for rule in RULES if "alert" in rule]
    assert alerts
    for alert in alerts:
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}
        assert alert["annotations"].keys() == {"summary", "remedy"}


def test_each_alert_is_tested_by_promtool() -> None:
    tests = ROOT / "tests" / "integration" / "observability" / "rules.test.yaml"
    told = yaml.safe_load(tests.read_text())["tests"]
    fires = {
        one["alertname"]
        for test in told
        for one in test.get("alert_rule_test", [])
        if one["exp_alerts"]
    }
    assert fires == {rule["alert"] for rule in RULES if "alert" in rule}


def test_what_begins_as_a_recorded_name_is_recorded() -> None:
    queries = [rule["expr"] for rule in RULES] + [q for one in ALL for q in one.queries]
    asked = {name for query in queries for name in used.metrics(query) if ":" in name}
    assert asked == RECORDED, "each is asked for, and there"


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up", {"up"}),
        ('sum by (a, b) (rate(calls_total{code=~"5..", x="sum(y)"}[5m]))', {"calls_total"}),
        ("a:b:c > 0.05 and d > 1", {"a:b:c", "d"}),
        ('label_replace(x offset 1w, "w", "1", "", "") or y', {"x", "y"}),
        ("histogram_quantile(0.95, sum by (le) (rate(s_bucket[5m]))) / on (a) group_left (b) z",
         {"s_bucket", "z"}),
        ('absent(up{job="a b"}) == bool 1e3', {"up"}),
        ("-q % 2 ^ inf unless NaN", {"q"}),
    ],
)  # fmt: skip
def test_metrics_are_found_in_expressions(expression: str, names: set[str]) -> None:
    assert used.metrics(expression) == names


@pytest.mark.parametrize("dashboard", ALL, ids=lambda one: str(one.uid))
def test_panels_lie_side_by_side_and_have_numbers_of_their_own(dashboard: Dashboard) -> None:
    panels = model(dashboard)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        columns = range(at["x"], at["x"] + at["w"])
        cells = {(x, y) for x in columns for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
        assert panel["targets"]


def test_the_command_writes_what_is_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.observability", str(tmp_path), "--seen-as", "/made"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    written = {Path(line) for line in done.stdout.splitlines()}
    assert written == {path for path in tmp_path.rglob("*") if path.is_file()}
    provider = json.loads((tmp_path / "grafana/provisioning/dashboards/mayfly.yaml").read_text())
    assert provider["providers"][0]["options"]["path"] == "/made/grafana/dashboards"
    made = (tmp_path / "grafana" / "dashboards").iterdir()
    titles = {json.loads(path.read_text())["title"] for path in made}
    assert titles == {one.title for one in ALL}


def test_the_command_says_which_variable_is_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.observability", str(tmp_path)]
    env = {"MAYFLY_STORAGE_PORT": "x"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("MAYFLY_STORAGE_PORT='x' is not a port")


def test_compose_starts_the_tools_in_a_profile_of_their_own() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    ours = {name for name, one in services.items() if one.get("profiles") == ["observability"]}
    assert ours == {"observability-files", "prometheus", "alertmanager", "grafana"}
    command = services["observability-files"]["command"]
    given = dict(zip(command[1::2], command[2::2], strict=True))
    for option in ("--web", "--gateway", "--firestore", "--storage"):
        host, port = given[option].split(":")
        assert host in services
        assert port in {"8000", "8082", "8200", "9023"}
    assert services["web"]["environment"]["MAYFLY_WEB_HOSTS"] == "web"
    for name in ours:  # pages of these tools are for this machine alone
        assert all(port.startswith("127.0.0.1:") for port in services[name].get("ports", ()))
