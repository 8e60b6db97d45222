"""Describes each model that a caller may ask, for as long as it is there: one path a model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.models.registration import Model, Version
from functions.kit.http.api import Api
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.kit.http.routing import descriptions
    from functions.kit.http.routing.descriptions import Additions, Document, More
    from functions.prediction.model.docs import paths
    from functions.prediction.service.catalogue import Catalogue
else:  # who asks for a prediction needs none of it
    descriptions = Lazy("functions.kit.http.routing.descriptions")
    paths = Lazy("functions.prediction.model.docs.paths")

MOST = 200
"""Models that have a path of their own; of the rest, the names are told."""


def add(api: Api, catalogue: "Catalogue[paths.Documented]") -> None:
    """Let the function's description have the models that its reader may ask."""

    def more(caller: Caller) -> "More":
        models = _seen(catalogue, caller)
        state = "\n".join(f"{one.name} {one.uid} {one.revision}" for one in models)

        def added(document: "Document") -> "Additions":
            return _additions(catalogue, caller.workspace, models, document)

        return descriptions.More(state, added)

    api.describe_more = more


def _seen(catalogue: "Catalogue[paths.Documented]", caller: Caller) -> Sequence[Model]:
    if not (caller.workspace and caller.may("predict")):
        return ()
    return [one for one in catalogue.models(caller.workspace) if caller.sees("model", one.name)]


def _additions(
    catalogue: "Catalogue[paths.Documented]",
    workspace: str,
    models: Sequence[Model],
    document: "Document",
) -> "Additions":
    def describe(version: Version) -> "paths.Documented":
        return paths.documented(version, document)

    found = catalogue.champions(workspace, models[:MOST], describe)
    return descriptions.Additions(
        paths={one.path: one.operations for one in found},
        schemas={name: schema for one in found for name, schema in one.schemas.items()},
        tags=[one.tag for one in found],
        note=_rest([one.name for one in models[MOST:]]),
    )


def _rest(names: Sequence[str]) -> str:
    if not names:
        return ""
    told = ", ".join(f"`{name}`" for name in names)
    return f"The first {MOST} models have a path of their own. Asked in the same way: {told}."
