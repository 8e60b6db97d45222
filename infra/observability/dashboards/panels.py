"""Panels and dashboards in Grafana's JSON model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DATASOURCE = {"type": "prometheus", "uid": "mayfly"}
SCHEMA = 39  # of Grafana 10 and newer, which migrate from it
WIDTH = 24
HEIGHT = 8


@dataclass(frozen=True)
class Panel:
    """One chart.

    Attributes:
        title: what it shows, in words.
        unit: Grafana's name of its unit: "reqps", "s", "percentunit", "short", "bytes".
        queries: PromQL, each with what a line of it is called.
        text: what to know of it.
        kind: "timeseries", or "stat" for the newest value alone.
    """

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    text: str = ""
    kind: str = "timeseries"


@dataclass(frozen=True)
class Dashboard:
    """A page of panels.

    Attributes:
        uid: what addresses name it by; also its file.
        rows: each of them panels side by side.
        by: a label that the page is of one value of, and a metric that has all of its values.
    """

    uid: str
    title: str
    rows: tuple[tuple[Panel, ...], ...]
    by: tuple[str, str] | None = None

    @property
    def queries(self) -> list[str]:
        """Every PromQL of it."""
        return [query for row in self.rows for panel in row for query, _ in panel.queries]


def model(dashboard: Dashboard) -> dict[str, Any]:
    """Return a dashboard as Grafana reads it."""
    panels = [
        _panel(panel, number * WIDTH + place, _place(row, place, number))
        for number, row in enumerate(dashboard.rows)
        for place, panel in enumerate(row)
    ]
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["mayfly"],
        "schemaVersion": SCHEMA,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": _variables(dashboard)},
        "panels": panels,
    }


def _place(row: Sequence[Panel], place: int, number: int) -> dict[str, int]:
    width = WIDTH // len(row)
    return {"h": HEIGHT, "w": width, "x": place * width, "y": number * HEIGHT}


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "expr": query,
                "legendFormat": legend,
                "datasource": DATASOURCE,
            }
            for number, (query, legend) in enumerate(panel.queries)
        ],
    }


def _variables(dashboard: Dashboard) -> list[dict[str, Any]]:
    if dashboard.by is None:
        return []
    label, metric = dashboard.by
    return [
        {
            "name": label,
            "type": "query",
            "datasource": DATASOURCE,
            "query": {"query": f"label_values({metric}, {label})", "refId": label},
            "includeAll": True,
            "multi": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
            "refresh": 2,
        }
    ]
