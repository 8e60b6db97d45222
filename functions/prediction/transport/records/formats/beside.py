"""What is said beside a prediction, for forms whose fields have one type each."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from functions.prediction.model.responses import Notice, Warned

MOST_NAMES = 20


def has(predictions: Sequence[Any], name: str) -> bool:
    """Tell whether predictions say something of that name: if one does, all do."""
    return getattr(predictions[0], name, UNSET) is not UNSET


def warned(one: Warned) -> dict[str, Any]:
    """Return a warning, whose value is a `text` or a `number`."""
    kind = "text" if isinstance(one.value, str) else "number"
    found = {
        "column": one.column,
        "kind": one.kind,
        kind: one.value,
        "minimum": one.minimum,
        "maximum": one.maximum,
    }
    return {name: value for name, value in found.items() if value is not None}


def as_json(value: Any) -> str:
    """Return a value as the text of its JSON."""
    return msgspec.json.encode(value).decode()


def ignored(names: Sequence[str]) -> Sequence[Notice]:
    """Return what is told of columns that were passed over: nothing if there are none."""
    if not names:
        return ()
    return (Notice("ignored_fields", names[:MOST_NAMES], len(names)),)
