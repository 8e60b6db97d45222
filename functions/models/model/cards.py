"""A version's card: what a person should know before trusting it, as JSON and as Markdown."""

import datetime as dt
from typing import Any

import msgspec

from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.models.signature import Task


class Card(msgspec.Struct, kw_only=True):
    """What there is to say of a version.

    Attributes:
        aliases: that name it now.
        trained_on: dataset, revision and file of the rows.
        inputs: the columns that it looks at.
        card: what training wrote of it, in Markdown, or what was registered.
    """

    model: str
    version: int
    line: int
    aliases: list[str]
    task: Task
    target: str
    labels: list[str]
    algorithm: str
    settings: dict[str, Any]
    trained_on: dict[str, Any]
    inputs: list[str]
    metrics: dict[str, Any]
    evaluation: dict[str, Any]
    tags: list[str]
    note: str
    owner: str
    created_at: dt.datetime
    card: Any


def card_of(model: Model, version: Version) -> Card:
    """Return the card of a version of a model."""
    signature = version.signature
    return Card(
        model=model.name,
        version=version.version,
        line=version.line,
        aliases=sorted(name for name, one in model.aliases.items() if one == version.version),
        task=version.task,
        target=version.target,
        labels=signature.labels,
        algorithm=version.algorithm,
        settings=version.settings,
        trained_on={
            "dataset": version.dataset,
            "revision": version.revision,
            "snapshot": version.snapshot,
            "job": version.job,
        },
        inputs=sorted({feature.column for feature in signature.features}),
        metrics=version.metrics,
        evaluation=version.evaluation,
        tags=version.tags,
        note=version.note,
        owner=version.owner,
        created_at=version.created_at,
        card=version.card,
    )


def to_markdown(card: Card) -> str:
    """Return a card as Markdown: what training wrote, and what the registry knows."""
    told = card.card.rstrip() if isinstance(card.card, str) and card.card.strip() else _told(card)
    return f"{told}\n\n{_registry(card)}"


def _told(card: Card) -> str:
    """Write what there is to say where training has written nothing."""
    data = card.trained_on
    rows = [f"- {_plain(name)}: {_plain(value)}" for name, value in _measures(card.metrics)]
    return "\n".join(
        [
            f"# {card.model}\n",
            f"Predicts {_plain(card.target)} ({card.task}) with {_plain(card.algorithm)}.",
            f"Looks at {', '.join(map(_plain, card.inputs))}.",
            f"Trained on {_plain(data['dataset'])}, revision {data['revision']}.",
            *(["\n## Measures\n", *rows] if rows else []),
        ]
    )


def _measures(metrics: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Return measures, however deep they lie, with their names."""
    found: list[tuple[str, Any]] = []
    for name, value in metrics.items():
        whole = f"{before}{name}".replace("_", " ")
        deeper = isinstance(value, dict)
        found += _measures(value, f"{whole}: ") if deeper else [(whole, value)]
    return found


def _registry(card: Card) -> str:
    lines = [
        "## In the registry\n",
        f"- Version {card.version} of `{card.model}` (line {card.line})",
        f"- Registered {card.created_at:%Y-%m-%d}",
        f"- Aliases: {', '.join(card.aliases) or 'none'}",
        f"- Tags: {', '.join(map(_plain, card.tags)) or 'none'}",
    ]
    note = [f"\n{_quoted(card.note)}"] if card.note else []
    return "\n".join([*lines, *note]) + "\n"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _plain(value: Any) -> str:
    """Keep what a user wrote from being anything but text in a line."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
