"""The pages that are measured, and within what they have to be there."""

from typing import NamedTuple

from benchmarks.web.seeding import LONG, MODEL, VERSIONS, WIDE

USUAL, LARGE = 100.0, 200.0  # milliseconds
MOST_BYTES = 150_000
HOME = "/"


class Shown(NamedTuple):
    """A page.

    Attributes:
        name: in words.
        path: where it is.
        within: milliseconds that it may take.
    """

    name: str
    path: str
    within: float = USUAL


def pages(job: str) -> list[Shown]:
    """Return the pages; `job` is a training of which there is a board."""
    table, version = "/datasets/table-007", f"/models/{MODEL}/versions/{VERSIONS}"
    return [
        Shown("home", HOME, LARGE),
        Shown("200 tables", "/datasets", LARGE),
        Shown("200 tables, searched", "/datasets?q=table-1&sort=-rows", LARGE),
        Shown("1,000 trainings", "/jobs", LARGE),
        Shown("1,000 trainings, sorted", "/jobs?sort=-seconds", LARGE),
        Shown("trainings ranked", f"/jobs/ranking?dataset={MODEL}&target=tip", LARGE),
        Shown("500 versions", f"/models/{MODEL}", LARGE),
        Shown("one of 500 versions", version, LARGE),
        Shown("two of 500 versions", f"/models/{MODEL}/compare?a=1&b=2", LARGE),
        Shown("300 columns: rows", f"/datasets/{WIDE}", LARGE),
        Shown("300 columns: columns", f"/datasets/{WIDE}/columns", LARGE),
        Shown("300 columns: train", f"/datasets/{WIDE}/train", LARGE),
        Shown("300 columns: a new row", f"/datasets/{WIDE}/records/new", LARGE),
        Shown("100,000 rows", f"/datasets/{LONG}", LARGE),
        Shown("100,000 rows, sorted", f"/datasets/{LONG}?sort=-value", LARGE),
        Shown("100,000 rows, filtered", f"/datasets/{LONG}?filter=place==north", LARGE),
        Shown("100,000 rows: columns", f"/datasets/{LONG}/columns", LARGE),
        Shown("100,000 rows: history", f"/datasets/{LONG}/history", LARGE),
        Shown("search", "/search?q=table", LARGE),
        Shown("a small table", table),
        Shown("its columns", f"{table}/columns"),
        Shown("its history", f"{table}/history"),
        Shown("its models", f"{table}/models", LARGE),
        Shown("upload", "/datasets/new"),
        Shown("train", f"{table}/train"),
        Shown("a training", f"/jobs/{job}"),
        Shown("models", "/models"),
        Shown("try it", f"/models/{MODEL}/try"),
        Shown("a model for programs", f"/models/{MODEL}/docs"),
        Shown("promote?", f"/models/{MODEL}/aliases/champion?version=2"),
        Shown("docs", "/docs"),
        Shown("activity", "/activity"),
        Shown("keys", "/keys"),
        Shown("people", "/people"),
        Shown("plans", "/plans"),
        Shown("account", "/account"),
        Shown("workspaces", "/workspaces"),
    ]
