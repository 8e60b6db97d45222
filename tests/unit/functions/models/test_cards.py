"""A version's card: of what training wrote, or of what was registered."""

import datetime as dt
from typing import Any

import msgspec

from functions.kit.contract.models.registration import Model, Version
from functions.models.model.cards import card_of, to_markdown
from tests.unit.functions.models.test_lines import version as registered

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
MODEL = Model(
    name="m",
    uid="u",
    task="binary",
    latest=2,
    aliases={"shadow": 2, "champion": 2, "old": 1},
    revision=3,
    created_at=NOON,
    updated_at=NOON,
)


def version(**more: Any) -> Version:
    told = msgspec.structs.asdict(registered()) | {"algorithm": "random_forest"} | more
    return Version(**told, model="m", version=2, created_at=NOON)


def test_a_card_says_what_is_known_of_a_version() -> None:
    card = card_of(MODEL, version(metrics={"holdout": {"roc_auc": 0.91}}))
    assert (card.aliases, card.inputs, card.labels) == (
        ["champion", "shadow"],
        ["age"],
        ["no", "yes"],
    )
    assert card.trained_on == {"dataset": "d", "revision": 1, "snapshot": "s", "job": "j"}
    assert msgspec.json.decode(msgspec.json.encode(card))["created_at"] == "2026-01-31T12:00:00Z"


def test_the_text_is_training_s_with_what_the_registry_knows() -> None:
    one = version(card="# m\n\nPredicts `y`.\n", tags=["a|b"], note="See *this*\n# and that")
    assert to_markdown(card_of(MODEL, one)) == (
        "# m\n\nPredicts `y`.\n\n"
        "## In the registry\n\n"
        "- Version 2 of `m` (line 1)\n- Registered 2026-01-31\n- Aliases: champion, shadow\n"
        "- Tags: a\\|b\n\n> See *this*\n> # and that\n"
    )


def test_a_text_is_made_where_training_has_written_none() -> None:
    one = version(card={"about": "x"}, metrics={"holdout": {"roc_auc": 0.91234}, "n": 3})
    text = to_markdown(card_of(MODEL, one))
    assert text.startswith("# m\n\nPredicts y (binary) with random\\_forest.\nLooks at age.\n")
    assert "- holdout: roc auc: 0.9123\n- n: 3\n" in text
    assert "- Tags: none\n" in text
