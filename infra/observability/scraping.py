"""The one scrape configuration, and Alertmanager's: plain values, which are written as YAML."""

from typing import Any

from infra.observability.targets import Targets

INTERVAL = "15s"
RULES = "rules/*.yaml"
# A job for each part; rules and dashboards know these names.
WEB, GATEWAY, FUNCTIONS = "mayfly-web", "mayfly-gateway", "mayfly-functions"
FIRESTORE, STORAGE = "mayfly-firestore", "mayfly-storage"


def prometheus(targets: Targets, interval: str = INTERVAL) -> dict[str, Any]:
    """Return the configuration of a Prometheus that scrapes every part."""
    key = {"authorization": {"credentials_file": targets.key_file}}
    return {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": [RULES],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [targets.alertmanager]}]}]},
        "scrape_configs": [
            _job(WEB, targets.web) | key,
            _job(GATEWAY, targets.gateway),
            _functions(targets, interval) | key,
            _job(FIRESTORE, targets.firestore),
            # "/metrics" is a bucket of that name there.
            _job(STORAGE, targets.storage, "/_/metrics"),
        ],
    }


def alertmanager(targets: Targets) -> dict[str, Any]:
    """Return the configuration of an Alertmanager that tells of each fault once."""
    everybody: dict[str, Any] = {"name": "everybody"}
    if targets.webhook:
        everybody["webhook_configs"] = [{"url": targets.webhook, "send_resolved": True}]
    return {
        "route": {
            "receiver": everybody["name"],
            "group_by": ["alertname", "function_name"],
            "group_wait": "10s",
            "group_interval": "1m",
            "repeat_interval": "4h",
        },
        "receivers": [everybody],
        "inhibit_rules": [_silences("MayflyPartDown", GATEWAY), _silences("MayflyPartDown", WEB)],
    }


def _silences(name: str, job: str) -> dict[str, Any]:
    """Let a part that is away silence what follows from it."""
    source = [f"alertname = {name}", f"job = {job}"]
    return {"source_matchers": source, "target_matchers": ["severity = warning"]}


def _job(name: str, address: str, path: str = "/metrics") -> dict[str, Any]:
    return {
        "job_name": name,
        "metrics_path": path,
        "static_configs": [{"targets": [address]}],
    }


def _functions(targets: Targets, interval: str) -> dict[str, Any]:
    """Return the job of functions: the gateway says which replicas there are, and asks them."""
    return {
        "job_name": FUNCTIONS,
        "http_sd_configs": [
            {"url": f"http://{targets.gateway}/replicas", "refresh_interval": interval}
        ],
        "relabel_configs": [{"source_labels": ["replica"], "target_label": "instance"}],
    }
