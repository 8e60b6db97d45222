"""What replicas of `prediction` tell the registry: which versions they hold, and which were called.

Told by replicas, now and then, so that the registry can say where a version is warm.
"""

from typing import Annotated

import msgspec

MODELS = "models"
PATH = "/serving"
MOST = 50
"""Versions that are told of at once."""
LEASE = 180.0
"""Seconds for which what is told to be warm counts as warm, unless it is told again."""

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a version stands in a replica.

    Attributes:
        workspace: of its model.
        model: its model's name.
        version: its number.
        warm: whether the replica holds it ready.
        called_at: Unix seconds of the last call that it answered there; 0 for none.
        fault: why it could not be loaded, the last time; empty where it was.
    """

    workspace: Text
    model: Text
    version: Annotated[int, msgspec.Meta(ge=1)]
    warm: bool = False
    called_at: float = 0.0
    fault: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Told(msgspec.Struct, frozen=True):
    """What a replica tells at once, by an id of its own."""

    replica: Text
    held: Annotated[list[Held], msgspec.Meta(max_length=MOST)]
