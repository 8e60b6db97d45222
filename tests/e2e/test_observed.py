"""A whole Mayfly as the usual tools see it: Prometheus, Alertmanager, a collector of spans."""

import contextlib
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.stack import Stack
from infra.observability import files, used
from infra.observability.dashboards.catalogue import ALL
from tests.support.callers.seats import cookie
from tests.support.processes import ROOT, free_port, wait_until
from tests.support.servers.collector import Collector, attributes
from tests.support.tools import program

ADMIN = "admin"
OF_PROMETHEUS = {"up", "ALERTS"}
RULES = [
    rule
    for path in files.RULES.glob("*.yaml")
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture(scope="module")
def stack(new_home: Any, collector: Collector) -> Iterator[Stack]:
    """One that exports spans, and in which somebody has looked at a page of tables."""
    address = f"http://127.0.0.1:{collector.server.server_port}"
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    yield from new_home(variables)


@pytest.fixture(scope="module")
def page(stack: Stack) -> Iterator[httpx.Client]:
    """The owner's pages."""
    secret = (stack.home / "web-secret").read_text().strip()
    name, text = cookie(secret, stack.address("WEB"), stack.key)
    with httpx.Client(base_url=stack.web_url, cookies={name: text}, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def used_stack(stack: Stack, page: httpx.Client) -> Stack:
    """One whose stores, pages, functions and queue have been used."""
    table = {"file": ("t.csv", "a,b\n1,x\n2,y\n")}
    with stack.client() as client:
        made = client.post("/datasets/datasets?name=seen", files=table)
        assert made.status_code == 202, made.text
        place = "/datasets/datasets/seen"
        wait_until(lambda: client.get(place).json()["state"] == "ready", what="the import")
    assert page.get("/datasets").status_code == 200
    return stack


def searched(stack: Stack, what: str, **query: str) -> Any:
    answer = httpx.get(
        f"{stack.gateway_url}/system/logs/{what}",
        params=query,
        auth=(ADMIN, stack.password),
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_one_trace_goes_through_pages_gateway_function_and_firestore(
    used_stack: Stack, page: httpx.Client, collector: Collector
) -> None:
    page.get("/datasets/seen")
    name = "GET /datasets/<dataset>"

    def whole() -> list[Span]:
        roots = [span for span in collector.spans if span.name.startswith("GET /datasets/<")]
        return [s for s in collector.spans if roots and s.trace_id == roots[-1].trace_id]

    def ways() -> set[tuple[str, ...]]:
        by_id = {span.span_id: span for span in whole()}
        found = set()
        for span in by_id.values():
            way = []
            at: Span | None = span
            while at is not None:
                way.append(collector.service_of[at.span_id])
                at = by_id.get(at.parent_span_id)
            found.add((*way[::-1], span.name))
        return found

    services = ("mayfly-web", "mayfly-gateway", "mayfly-datasets", "mayfly-datasets")
    wait_until(
        lambda: any(way[:-1] == services and way[-1].startswith("Firestore ") for way in ways()),
        what=f"a way from {name} to Firestore",
    )
    (client,) = {s.kind for s in whole() if s.name.startswith("Firestore ")}
    assert client == Span.SPAN_KIND_CLIENT
    routes = {attributes(s).get("http.route") for s in whole()}
    assert "/datasets/{dataset}" in routes
    trace = whole()[0].trace_id.hex()
    lines: list[dict[str, str]] = []

    def written() -> bool:
        lines[:] = searched(used_stack, "search", trace=trace)["lines"]
        return "datasets" in {line["service"] for line in lines}

    wait_until(written, what="the call's line")
    assert all(line["trace"] == trace for line in lines)


def test_each_line_of_every_log_is_understood(used_stack: Stack) -> None:
    services = {line["service"] for line in searched(used_stack, "search", limit="1000")["lines"]}
    assert {"gateway", "nats", "web", "datasets"} <= services
    for part in ("gateway", "web"):
        lines = searched(used_stack, "search", name=part, limit="1000")["lines"]
        assert lines
        assert [line["text"] for line in lines if not line["text"].startswith("{")] == []


def test_nothing_is_unusual_in_a_system_that_has_just_begun(used_stack: Stack) -> None:
    assert searched(used_stack, "anomalies")["anomalies"] == []


def scraped(url: str, **headers: str) -> set[str]:
    """The names of the samples that a part may give, also where it has none yet."""
    answer = httpx.get(url, headers=headers, timeout=60)
    assert answer.status_code == 200, (url, answer.text)
    ends = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}
    families = text_string_to_metric_families(answer.text)
    return {family.name + end for family in families for end in ends.get(family.type, ())}


def test_each_metric_of_a_rule_or_dashboard_is_exported(used_stack: Stack) -> None:
    key = {"Authorization": f"Bearer {used_stack.key}"}
    gateway = f"http://{used_stack.address('GATEWAY_METRICS')}"
    exported = scraped(f"{used_stack.web_url}/metrics", **key)
    exported |= scraped(f"{gateway}/metrics")
    exported |= scraped(f"http://{used_stack.address('FIRESTORE')}/metrics")
    exported |= scraped(f"http://{used_stack.address('STORAGE')}/_/metrics")
    replicas = httpx.get(f"{gateway}/replicas", timeout=60).json()
    assert replicas
    for replica in replicas:
        with contextlib.suppress(AssertionError):  # it may have been let go meanwhile
            exported |= scraped(f"{gateway}{replica['labels']['__metrics_path__']}", **key)
    queries = [rule["expr"] for rule in RULES] + [q for one in ALL for q in one.queries]
    asked = {name for query in queries for name in used.metrics(query)}
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    assert asked - recorded - OF_PROMETHEUS - exported == set()
    assert exported & asked


def test_each_function_says_that_it_is_scraped() -> None:
    manifests = [
        yaml.safe_load(path.read_text()) for path in (ROOT / "infra/knative").glob("*.yaml")
    ]
    services = [one for one in manifests if one["kind"] == "Service"]
    assert services
    for service in services:
        template = service["spec"]["template"]
        (container,) = template["spec"]["containers"]
        by_http = container["ports"][0]["name"] == "http1"
        assert (
            template["metadata"]["annotations"].get("prometheus.io/scrape") == "true"
        ) == by_http


class Pager:
    """Is told of alerts."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        pager = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in message["alerts"]:
                    labels = alert["labels"]
                    pager.told.append((alert["status"], labels["alertname"], labels.get("job", "")))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def pager() -> Iterator[Pager]:
    pager = Pager()
    yield pager
    pager.close()


@contextlib.contextmanager
def running(log: Path, *command: str | Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def prometheus(used_stack: Stack, pager: Pager, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus over the stack, with an Alertmanager that tells the pager."""
    server = program("prometheus", package="prometheus")
    manager = program("prometheus-alertmanager", "alertmanager", package="prometheus-alertmanager")
    ports = {name: free_port() for name in ("prometheus", "alertmanager")}
    command = [sys.executable, "-m", "infra.observability", str(tmp_path), "--interval", "1s"]
    for name, port in ports.items():
        command += [f"--{name}", f"127.0.0.1:{port}"]
    command += ["--webhook", f"http://127.0.0.1:{pager.server.server_port}/"]
    subprocess.run(command, cwd=ROOT, env=used_stack.environment(), check=True)
    in_haste(tmp_path)
    address = f"http://127.0.0.1:{ports['prometheus']}"
    with (
        running(
            tmp_path / "alertmanager.log",
            manager,
            f"--config.file={tmp_path / files.ALERTMANAGER}",
            f"--storage.path={tmp_path / 'alerts'}",
            f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
            "--cluster.listen-address=",
        ),
        running(
            tmp_path / "prometheus.log",
            server,
            f"--config.file={tmp_path / files.PROMETHEUS}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
        ),
    ):
        wait_until(lambda: is_ready(address), what="Prometheus")
        yield address


def in_haste(folder: Path) -> None:
    """Let the same alerts be told within seconds."""
    alerts = folder / "rules" / "alerts.yaml"
    alerts.write_text(re.sub(r"for: \d+m", "for: 1s", alerts.read_text()))
    manager = folder / files.ALERTMANAGER
    told = json.loads(manager.read_text())
    told["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    manager.write_text(json.dumps(told))


def is_ready(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{address}/-/ready", timeout=10).status_code == 200
    return False


def asked(address: str, query: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{address}/api/v1/query", params={"query": query}, timeout=30).json()
    assert answer["status"] == "success", answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def test_prometheus_scrapes_every_part_and_a_part_that_hangs_is_told_to_the_pager(
    used_stack: Stack, page: httpx.Client, pager: Pager, prometheus: str
) -> None:
    def jobs(state: int) -> set[str]:
        return {one["metric"]["job"] for one in asked(prometheus, f"up == {state}")}

    parts = {f"mayfly-{name}" for name in ("web", "gateway", "functions", "firestore", "storage")}
    wait_until(lambda: page.get("/datasets").is_success and jobs(1) == parts, what="all parts")

    def called() -> bool:
        page.get("/datasets")
        rates = asked(prometheus, "function:calls:rate5m > 0")
        return "datasets.openfaas-fn" in {one["metric"]["function_name"] for one in rates}

    wait_until(called, what="a rate of calls")
    for query in (q for one in ALL for q in one.queries):
        asked(prometheus, query.replace("$function_name", ".*"))
    storage = used_stack.status()["storage"]["pid"]
    os.kill(storage, signal.SIGSTOP)
    try:
        down = ("firing", "MayflyPartDown", "mayfly-storage")
        wait_until(lambda: down in pager.told, what="the alert")
    finally:
        os.kill(storage, signal.SIGCONT)
    over = ("resolved", "MayflyPartDown", "mayfly-storage")
    wait_until(lambda: over in pager.told, what="its end")
