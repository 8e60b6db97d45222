"""Functions as they are deployed: one line of facts from all that the plane's APIs tell."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from web.client.plane_schemas import (
    LEAST,
    MOST,
    OPENFAAS_LEAST,
    OPENFAAS_MOST,
    Figures,
    FunctionStatus,
    Revision,
    Service,
    Share,
    Source,
)
from web.client.schemas import Page

GENERATION = "serving.knative.dev/configurationGeneration"


class Deployed(NamedTuple):
    """A function; what nobody told is None.

    `least` and `most` are texts as the deploy file has them; `failure` says why it is not ready.
    `warm` says whether starts come from a process with its imports, or why not.
    """

    name: str
    replicas: int | None
    least: str | None
    most: str | None
    calls: int | None
    figures: Figures | None
    failure: str
    warm: str = ""


def _counted(figure: str) -> Callable[[Deployed], Any]:
    return lambda one: getattr(one.figures, figure) if one.figures else None


ORDERS: Mapping[str, Callable[[Deployed], Any]] = {
    "name": lambda one: one.name,
    "replicas": lambda one: one.replicas,
    "calls": lambda one: one.calls,
    **{figure: _counted(figure) for figure in ("refused", "failed", "p95", "cold_starts")},
}
"""What functions are sorted by."""


class Known(NamedTuple):
    """A revision: its share of the calls in percent, and how it does."""

    name: str
    percent: int
    replicas: int
    tags: list[str]
    newest: bool
    failure: str
    made: str | None


class Lead(NamedTuple):
    """What leads events to a function, in words."""

    kind: str
    name: str
    what: str
    to: str


def deployed(
    services: Sequence[Service] | None,
    statuses: Sequence[FunctionStatus] | None,
    figures: Mapping[str, Figures] | None,
) -> list[Deployed]:
    """Return all functions by name, each with what is known of it; None: that API is not there."""
    by_service = {one.metadata.name: one for one in services or ()}
    by_status = {one.name: one for one in statuses or ()}
    return [
        one_of(by_service.get(name), by_status.get(name), (figures or {}).get(name), name)
        for name in sorted({*by_service, *by_status})
    ]


def one_of(
    service: Service | None, status: FunctionStatus | None, figures: Figures | None, name: str
) -> Deployed:
    """Return a function with what is known of it."""
    told = dict((status.annotations if status else None) or {})
    told |= (status.labels if status else None) or {}
    told |= service.spec.template.metadata.annotations if service else {}
    return Deployed(
        name,
        status.available_replicas if status else None,
        told.get(LEAST, told.get(OPENFAAS_LEAST)),
        told.get(MOST, told.get(OPENFAAS_MOST)),
        _calls(status, figures),
        figures,
        service.failure if service else "",
        status.warm_parent if status else "",
    )


def arranged(rows: Sequence[Deployed], asked: Mapping[str, str]) -> Page[Deployed]:
    """Return the functions whose names have all words of `q`, in the order that `sort` asks for.

    What is not known of a function stands last, whichever way the order goes.
    """
    words = asked.get("q", "").lower().split()
    fitting = [one for one in rows if all(word in one.name for word in words)]
    of = ORDERS.get(asked.get("sort", "").removeprefix("-"), ORDERS["name"])
    told = [one for one in fitting if of(one) is not None]
    unknown = [one for one in fitting if of(one) is None]
    told.sort(key=of, reverse=asked.get("sort", "").startswith("-"))
    return Page(items=[*told, *unknown], count=len(fitting))


def known(service: Service, revisions: Sequence[Revision]) -> list[Known]:
    """Return a function's revisions, the newest first."""
    newest = service.status.latest_created_revision_name
    ordered = sorted(revisions, key=_generation, reverse=True)
    return [_known(one, service.status.traffic, newest) for one in ordered]


def lead(source: Source) -> Lead:
    """Say which events a trigger or a ping source leads somewhere."""
    spec, uri = source.spec, source.leads_to.uri
    if source.kind == "PingSource":
        what = f"every time that {spec.schedule} says"
    else:
        what = f"of the broker {spec.broker}{_chosen(source)}"
    return Lead(source.kind, source.metadata.name, what, uri or "/")


def _chosen(source: Source) -> str:
    """Say which of a broker's events a trigger takes."""
    spec = source.spec
    if spec.filters:
        return ", by its filters"
    attributes = (spec.filter or {}).get("attributes", {})
    said = ", ".join(f"{name} {value}" for name, value in attributes.items())
    return f" with {said}" if said else ""


def _calls(status: FunctionStatus | None, figures: Figures | None) -> int | None:
    if figures is not None:
        return figures.calls
    return round(status.invocation_count) if status else None


def _generation(revision: Revision) -> int:
    text = revision.metadata.labels.get(GENERATION, "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _known(revision: Revision, traffic: Sequence[Share], newest: str) -> Known:
    name = revision.metadata.name
    shares = [share for share in traffic if share.revision_name == name]
    return Known(
        name,
        sum(share.percent or 0 for share in shares),
        revision.status.actual_replicas,
        [share.tag for share in shares if share.tag],
        name == newest,
        revision.failure,
        revision.metadata.creation_timestamp,
    )
