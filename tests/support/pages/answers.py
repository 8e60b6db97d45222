"""Documents as the functions answer them, for the double that the pages are tested with."""

from typing import Any

MOMENT = "2026-01-02T12:00:00Z"
COLUMNS: list[dict[str, Any]] = [
    {"name": "age", "kind": "number", "minimum": 0, "maximum": 120},
    {"name": "sex", "kind": "category", "required": True, "levels": ["female", "male"]},
    {"name": "alone", "kind": "boolean"},
    {"name": "survived", "kind": "integer", "required": True},
]
ALGORITHMS = [
    {"name": "random_forest", "tasks": ["binary", "multiclass", "regression"], "settings": {}},
    {"name": "ridge", "tasks": ["regression"], "settings": {}},
]
EVALUATION: dict[str, Any] = {
    "metrics": {"roc_auc": 0.87, "accuracy": 0.81, "log_loss": 0.41},
    "baseline": {"roc_auc": 0.5, "accuracy": 0.62, "log_loss": 0.66},
    "baselines": {"linear": {"roc_auc": 0.84, "accuracy": 0.79, "log_loss": 0.45}},
    "measure": "roc_auc",
    "rows": {"train": 711, "held_out": 180},
    "intervals": {"roc_auc": [0.82, 0.91], "accuracy": [0.76, 0.86], "log_loss": [0.35, 0.48]},
    "verdict": "Better than guessing. Average precision 0.84 (0.38 by chance).",
    "better": True,
    "notes": ["Where 'age' is missing (30 held-out rows), it is wrong 9% more often."],
    "balance": {"0": 0.62, "1": 0.38},
    "roc": [[0, 0], [0, 0.5], [0.2, 0.8], [1, 1]],
    "confusion": {"labels": ["0", "1"], "matrix": [[90, 10], [20, 60]]},
    "importance": [{"column": "sex", "value": 0.2}, {"column": "age", "value": -0.01}],
    "precision_recall": [[0, 1], [0.5, 0.9], [0.75, 0.86], [1, 0.4]],
    "calibration": [
        {"stated": 0.1, "came": 0.12, "rows": 100},
        {"stated": 0.8, "came": 0.72, "rows": 80},
    ],
    "thresholds": [
        {"threshold": 0.2, "hits": 75, "false_alarms": 40, "missed": 5, "rightly_not": 60},
        {"threshold": 0.5, "hits": 60, "false_alarms": 10, "missed": 20, "rightly_not": 90},
        {"threshold": 0.9, "hits": 20, "false_alarms": 1, "missed": 60, "rightly_not": 99},
    ],
    "dependence": [
        {"column": "sex", "labels": ["1"], "values": ["male", "female"], "means": [[0.2], [0.7]]},
        {"column": "age", "labels": ["1"], "values": [1, 30, 80], "means": [[0.6], [0.4], [0.2]]},
    ],
    "slices": [
        {
            "column": "age",
            "part": "missing",
            "rows": 30,
            "metrics": {"accuracy": 0.7},
            "gap": 0.09,
            "low": 0.01,
            "high": 0.2,
        }
    ],
    "worst": [
        {
            "key": "00ff",
            "truth": "1",
            "predicted": "0",
            "loss": 3.2,
            "values": {"age": None, "sex": "male"},
            "probability": 0.04,
        }
    ],
    "certainty": [{"level": 0.9, "covered": 0.91, "low": 0.86, "high": 0.95, "size": 1.2}],
    "parity": {"rows": 180, "max_difference": 1e-7, "tolerance": 1e-5, "agree": True},
}
SIGNATURE = {
    "task": "binary",
    "target": "survived",
    "columns": COLUMNS[:3],
    "features": [
        {"column": "age", "input": "age", "encoding": "float"},
        {"column": "sex", "input": "sex", "encoding": "string", "levels": ["female", "male"]},
    ],
    "labels": ["0", "1"],
}
RECORD = {"record": {}, "example": {"age": 29.5, "sex": "female", 'it\'s "odd"': None}}
PROFILE: dict[str, Any] = {
    "revision": 1,
    "rows": 100,
    "target": None,
    "columns": [
        {
            "name": "age",
            "kind": "number",
            "missing": 20,
            "unique": 55,
            "histogram": {"edges": [0, 40, 80], "counts": [60, 20]},
            "quantiles": [0, 1, 5, 20, 30, 40, 60, 75, 80],
        },
        {
            "name": "sex",
            "kind": "category",
            "missing": 0,
            "unique": 2,
            "top": [{"value": "<male>", "count": 64}, {"value": "female", "count": 36}],
        },
    ],
    "correlations": [],
    "warnings": [
        {"kind": "duplicates", "detail": "3 rows are as an earlier one.", "rows": 3},
        {"kind": "mostly_missing", "detail": "Most are missing.", "columns": ["age"]},
    ],
}
TOLD = {
    "age": {"auc": 0.55, "eta2": 0.006, "mutual_information": 0.008},
    "sex": {"mutual_information": 0.2177},
}


def profile(target: str | None) -> dict[str, Any]:
    """What is known of a table, and where a target is named, how its columns go with that."""
    columns = PROFILE["columns"]
    if target:
        columns = [one | {"target": TOLD[one["name"]]} for one in columns if one["name"] in TOLD]
    return PROFILE | {"target": target, "columns": columns}


CERTAIN = {
    "set": ["1"],
    "warnings": [
        {"column": "age", "kind": "out_of_range", "value": 99.0, "minimum": 1.0, "maximum": 80.0}
    ],
    "explanation": {
        "label": "1",
        "base": 0.38,
        "exact": True,
        "columns": [
            {"column": "sex", "value": "female", "contribution": 0.6},
            {"column": "age", "value": None, "contribution": -0.05},
        ],
    },
}
# What a list leaves out.
JOB_ALONE = frozenset(
    {"request", "snapshot", "columns", "candidates", "best", "evaluation"}
    | {"rungs", "rung", "deadline", "members", "notes"}
)
VERSION_ALONE = frozenset(
    {"snapshot", "evaluation", "signature", "file", "card", "new_line", "edition"}
    | {"held_out", "background"}
)


def without(whole: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if name not in names}


def dataset(name: str, columns: list[dict[str, Any]], rows: int, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "owner": "owner",
        "state": "ready",
        "rows": rows,
        "rows_done": rows,
        "revision": 1,
        "changing": None,
        "reading": None,
        "columns": columns,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    } | more


def change(revision: int, **more: Any) -> dict[str, Any]:
    return {
        "revision": revision,
        "at": MOMENT,
        "by": "owner",
        "kind": "update",
        "summary": "Record r0: changed",
        "records": 1,
        "undoes": None,
        "state": "done",
        "written": 1,
        "total": 1,
        "looked": None,
        "failure": None,
        "warnings": [],
    } | more


def candidate(index: int, **more: Any) -> dict[str, Any]:
    return {
        "index": index,
        "rung": 0,
        "rows": None,
        "score": None,
        "algorithm": "random_forest",
        "settings": {"n": 5},
        "folds": 5,
        "state": "running",
        "folds_done": 2,
        "metrics": {},
        "spread": {},
        "seconds": 0.5,
        "failure": None,
    } | more


def job(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "owner": "owner",
        "state": "running",
        "dataset": "titanic",
        "target": "survived",
        "model": "titanic",
        "task": "binary",
        "revision": 1,
        "version": None,
        "progress": 0.4,
        "failure": None,
        "result": None,
        "created_at": MOMENT,
        "started_at": MOMENT,
        "ended_at": None,
        "request": {"dataset": "titanic", "target": "survived"},
        "snapshot": None,
        "columns": COLUMNS,
        "candidates": [candidate(0)],
        "best": None,
        "evaluation": None,
        "place": None,
        "rungs": [{"rows": None, "folds": 5, "keep": 1}],
        "rung": 0,
        "deadline": None,
        "members": [],
        "notes": [],
    } | more


def job_plan(order: dict[str, Any]) -> dict[str, Any]:
    """What a training would do, as far as pages follow their choices."""
    left_out = [name for name, role in order.get("roles", {}).items() if role == "ignore"]
    return {
        "dataset": order["dataset"],
        "model": order.get("model", order["dataset"]),
        "target": order["target"],
        "revision": 1,
        "task": "binary",
        "labels": ["0", "1"],
        "positive": "1",
        "measure": order.get("measure", "roc_auc"),
        "rows": {"total": 891, "train": 711, "held_out": 178, "left_out": {"without_target": 2}},
        "split": {"by": "record", "column": None} | order.get("split", {}),
        "folds": order.get("folds", 5),
        "columns": [
            {
                "column": one["name"],
                "kind": one["kind"],
                "used": one["name"] not in left_out,
                "reason": "to be ignored" if one["name"] in left_out else "number",
            }
            for one in COLUMNS
            if one["name"] != order["target"]
        ],
        "algorithms": ["lightgbm", "random_forest"],
        "candidates": 10,
        "rungs": [{"rows": None, "folds": 1, "keep": 6}, {"rows": None, "folds": 5, "keep": 6}],
        "seconds": order.get("seconds", 15.0),
        "notes": ["3 rows are <copies>."],
    }


def model(name: str, latest: int, aliases: dict[str, int]) -> dict[str, Any]:
    return {
        "name": name,
        "uid": f"uid-{name}",
        "owner": "owner",
        "task": "binary",
        "latest": latest,
        "aliases": aliases,
        "target": "survived",
        "previous": {},
        "deleted": [],
        "tags": [],
        "note": "",
        "revision": latest,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


def version(name: str, number: int) -> dict[str, Any]:
    return {
        "model": name,
        "version": number,
        "job": "j1",
        "owner": "owner",
        "dataset": "titanic",
        "revision": 1,
        "snapshot": "snapshots/1.parquet",
        "target": "survived",
        "task": "binary",
        "algorithm": "random_forest",
        "settings": {},
        "metrics": {"holdout": EVALUATION["metrics"]},
        "evaluation": EVALUATION,
        "signature": SIGNATURE,
        "file": {"path": "x", "sha256": "ab" * 32, "bytes": 1234},
        "card": "# Card",
        "new_line": False,
        "held_out": None,
        "background": None,
        "line": 1,
        "tags": [],
        "note": "",
        "edition": 1,
        "created_at": MOMENT,
    }


def compared(a: int, b: int) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "measure": "roc_auc",
        "rows": 180,
        "on": "new",
        "first": 0.87,
        "second": 0.9,
        "first_interval": [0.84, 0.9],
        "second_interval": [0.88, 0.92],
        "difference": 0.03,
        "low": 0.01,
        "high": 0.05,
        "better": b,
        "text": f"Version {b} is better by 0.03.",
    }


def traffic(model: str, alias: str) -> dict[str, Any]:
    measured = {
        "version": 2,
        "role": "challenger",
        "share": 10,
        "calls": 1200,
        "errors": 3,
        "median": 0.01,
        "slow": 0.02,
        "compared": 100,
        "agreement": 0.97,
        "distance": 0.1,
        "dropped": 0,
    }
    return {
        "model": model,
        "alias": alias,
        "version": 1,
        "shares": {"1": 90, "2": 10},
        "shadows": [],
        "bounds": {"errors": 0.02, "latency": 1.5, "least_calls": 200},
        "spread": "callers",
        "reason": "a try",
        "by": "owner",
        "at": MOMENT,
        "measured": [measured],
    }
