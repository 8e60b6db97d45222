"""The one table at the end. Every figure in it was measured in this run."""

from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from infra.local.demo.measure import Latency

Json = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What the demo found.

    Attributes:
        cold: None where the gateway cannot scale to zero, or its password is not known.
    """

    dataset: Json
    job: Json
    passengers: list[tuple[str, Json]]
    cold: Latency | None
    warm: Latency
    seconds: float


# The measures that are shown, as far as the task has them.
TOLD = ("accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss", "rmse", "mae", "r2")


def agrees(job: Json) -> bool:
    """Tell whether ONNX and scikit-learn agreed on every held-out row."""
    return bool(job["evaluation"]["parity"]["agree"])


def render(outcome: Outcome) -> Table:
    """Return the table."""
    table = Table(
        title="From titanic.csv to a served prediction",
        title_justify="left",
        box=box.HORIZONTALS,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("what", no_wrap=True)
    table.add_column("measured", overflow="fold")
    for rows in (
        _data_rows(outcome.dataset),
        _candidate_rows(outcome.job),
        _evaluation_rows(outcome.job),
        _serving_rows(outcome),
    ):
        for what, measured in rows:
            table.add_row(what, measured)
        table.add_section()
    table.add_row("whole demo", f"{outcome.seconds:.1f} s")
    return table


def _data_rows(dataset: Json) -> list[tuple[str, str]]:
    columns = len(dataset["columns"])
    return [("dataset", f"{dataset['name']}: {dataset['rows']} rows, {columns} columns")]


def _candidate_rows(job: Json) -> list[tuple[str, str]]:
    folds = {candidate["folds"] for candidate in job["candidates"]}
    rows = [("candidates", f"cross-validated in {', '.join(map(str, sorted(folds)))} folds")]
    names = candidate_names(job["candidates"])
    for candidate in job["candidates"]:
        best = "  best" if candidate["index"] == job["best"] else ""
        metrics = candidate.get("metrics") or {}
        figures = "  ".join(
            f"{_label(name)} {metrics[name]:.3f}"
            for name in ("accuracy", "roc_auc")
            if metrics.get(name) is not None
        )
        figures = figures or _without_figures(candidate)
        rows.append((names[candidate["index"]], figures + best))
    return rows


def _without_figures(candidate: Json) -> str:
    """Return why a candidate has no figures of all folds."""
    if candidate.get("failure"):
        return f"failed: {candidate['failure']}"
    state: str = candidate["state"]
    return "set aside after a first look" if state == "pruned" else state


def candidate_names(candidates: list[Json]) -> dict[int, str]:
    """Return a name for each candidate, by index: its algorithm, and what tells it from others."""
    telling = _telling(candidates)
    names = {}
    for one in candidates:
        shown = [f"{name}={one['settings'][name]}" for name in telling[one["algorithm"]]]
        names[one["index"]] = " ".join([one["algorithm"], *shown])
    return names


def _telling(candidates: list[Json]) -> dict[str, list[str]]:
    """Return for each algorithm as few settings, by name, as tell its candidates apart."""
    by_algorithm: dict[str, list[Json]] = {}
    for candidate in candidates:
        settings = candidate.get("settings") or {}
        by_algorithm.setdefault(candidate["algorithm"], []).append(settings)
    return {name: _fewest(settings) for name, settings in by_algorithm.items()}


def _fewest(settings: list[Json]) -> list[str]:
    found: list[str] = []
    kinds = 1
    for name in sorted(set.intersection(*map(set, settings))):
        now = len({tuple(repr(one[key]) for key in (*found, name)) for one in settings})
        if now > kinds:
            found.append(name)
            kinds = now
    return found


def _evaluation_rows(job: Json) -> list[tuple[str, str]]:
    metrics, parity = job["evaluation"]["metrics"], job["evaluation"]["parity"]
    held_out = "  ".join(
        f"{_label(name)} {metrics[name]:.3f}"
        for name in TOLD
        if isinstance(metrics.get(name), float)
    )
    verdict = "agree" if parity["agree"] else "DISAGREE"
    agreement = (
        f"{verdict} on {parity['rows']} rows; largest difference "
        f"{parity['max_difference']:.1e} (tolerance {parity['tolerance']:.0e})"
    )
    return [
        (f"{job['model']} version {job['version']} on held-out rows", held_out),
        ("ONNX against scikit-learn", agreement),
    ]


def _label(metric: str) -> str:
    return {"roc_auc": "ROC AUC", "f1": "F1"}.get(metric, metric.replace("_", " "))


def _serving_rows(outcome: Outcome) -> list[tuple[str, str]]:
    rows = [(f"prediction: {who}", _prediction(found)) for who, found in outcome.passengers]
    cold = outcome.cold
    rows.append(
        (
            "cold start to first answer",
            f"median {cold.median:.0f} ms of {cold.calls} starts from zero replicas"
            if cold
            else "not measured: that takes an OpenFaaS gateway that scales to zero for us",
        )
    )
    warm = outcome.warm
    rows.append(
        (
            "warm latency",
            f"median {warm.median:.1f} ms, p95 {warm.p95:.1f} ms of {warm.calls} calls",
        )
    )
    return rows


def _prediction(found: Json) -> str:
    if "value" in found:
        return f"{found['value']:.3f}"
    survives = found["label"] == "1"
    verb = "survives" if survives else "does not survive"
    return f"{verb} (probability {found['probability']:.2f})"
