"""One path of an API description for one model: any model's, with what is its own in its place."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from functions.kit.contract.models.registration import Version
from functions.prediction.model.docs.examples import example_answer, example_record
from functions.prediction.model.docs.schemas import CERTAINTY, reference, schemas
from functions.prediction.model.docs.words import about

TEMPLATE = "/models/{model}/predict"
JSON, LINES = "application/json", ("application/jsonl", "application/x-ndjson")
Document = Mapping[str, Any]


class Documented(msgspec.Struct, frozen=True):
    """What a description says of one model; most of it as JSON, for it is said again and again.

    Attributes:
        path: where its champion is asked.
        operations: the OpenAPI path item.
        schemas: components, by name.
        tag: that its operations are under.
    """

    path: str
    operations: msgspec.Raw
    schemas: Mapping[str, msgspec.Raw]
    tag: Mapping[str, Any]


def documented(version: Version, document: Document) -> Documented:
    """Describe a model by its champion.

    Args:
        version: the champion.
        document: the function's own description, of whose TEMPLATE the model's path is made.
    """
    name, record = version.model, example_record(version.signature)
    parts = schemas(version, record, document["components"]["schemas"])
    levels = version.signature.certainty.levels if version.signature.certainty else []
    tag = {"name": name, "description": about(version)}
    operation = copy.deepcopy(document["paths"][TEMPLATE]["post"])
    operation |= {
        "operationId": f"predict {name}",
        "tags": [name],
        "summary": f"Predict '{version.signature.target}' with {name}.",
        "description": tag["description"],
        "parameters": [*_parameters(operation, levels)],
    }
    _say(operation["requestBody"], name, "Request", {"records": [record]}, record)
    answer = example_answer(version)
    _say(operation["responses"]["200"], name, "Answer", answer, None)
    path = TEMPLATE.replace("{model}", quote(name, safe=""))
    return Documented(
        path, _raw({"post": operation}), {key: _raw(parts[key]) for key in parts}, tag
    )


def _parameters(operation: Mapping[str, Any], levels: Sequence[float]) -> Iterator[Any]:
    """Yield what a call may have beside its body; `levels` are those that may be asked for."""
    for one in operation["parameters"]:
        if one.get("name") == CERTAINTY:
            if levels:
                yield {**one, "schema": {"enum": [*levels]}}
        elif one.get("in") != "path":
            yield one


def _say(body: dict[str, Any], name: str, part: str, example: Any, line: Any) -> None:
    """Say of a body what the model's own is; `line` is an example of one in JSON Lines."""
    content = body["content"]
    content[JSON] = {"schema": reference(name, part), "example": example}
    if line is not None:
        for kind in LINES:
            content[kind] = {"example": f"{msgspec.json.encode(line).decode()}\n"}


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
