"""JSON Schemas of one version's requests and answers, with its own columns, labels and levels.

They are made of those of the function's own types, so that neither can leave the other behind.
"""

import copy
from collections.abc import Mapping
from typing import Any

from functions.kit.contract.models.registration import Version
from functions.kit.contract.models.signature import Signature
from functions.prediction.model.records import MOST_RECORDS, Reader

Schema = dict[str, Any]
Types = Mapping[str, Any]
"""The schemas of the function's own types, by name."""
CERTAINTY = "certainty"
"""The option whose values are the version's own."""
PARTS = ("Record", "Options", "Request", "Prediction", "Answer")


def component(model: str, part: str) -> str:
    """Return what a part of a model's schemas is called; no type's has such a name."""
    return f"model.{model}.{part}"


def reference(model: str, part: str) -> Schema:
    """Return what leads to it."""
    return {"$ref": f"#/components/schemas/{component(model, part)}"}


def schemas(version: Version, example: Mapping[str, Any], types: Types) -> dict[str, Schema]:
    """Return the schemas of a version's request and answer with their parts, by component.

    Args:
        version: it.
        example: a record that it takes.
        types: those of a call of any model.
    """
    name, signature = version.model, version.signature
    found = (
        _record(signature, example),
        _options(signature, types),
        _request(name),
        _prediction(signature, types),
        _answer(version, types),
    )
    return {component(name, part): one for part, one in zip(PARTS, found, strict=True)}


def _record(signature: Signature, example: Mapping[str, Any]) -> Schema:
    schema = Reader(signature.columns).json_schema()
    properties = {
        name: {"examples": [example[name]], **said} if name in example else said
        for name, said in schema["properties"].items()
    }
    title, description = "Record", f"What '{signature.target}' is predicted from."
    return {**schema, "title": title, "description": description, "properties": properties}


def _options(signature: Signature, types: Types) -> Schema:
    schema: Schema = copy.deepcopy(types["Options"])
    levels = signature.certainty.levels if signature.certainty else []
    if levels:
        schema["properties"][CERTAINTY] = {"enum": [*levels, None], "default": None}
    else:  # it states nothing, so that nothing can be asked for
        schema["properties"][CERTAINTY] = {"type": "null", "default": None}
    return schema


def _request(name: str) -> Schema:
    records: Schema = {"type": "array", "items": reference(name, "Record")}
    records |= {"minItems": 1, "maxItems": MOST_RECORDS}
    return {
        "title": "Request",
        "type": "object",
        "properties": {"records": records, "options": reference(name, "Options")},
        "required": ["records"],
        "additionalProperties": False,
    }


def _prediction(signature: Signature, types: Types) -> Schema:
    schema: Schema = copy.deepcopy(types["Classified" if signature.labels else "Estimated"])
    if not signature.labels:
        return schema
    one = {"enum": signature.labels}
    odds = {label: {"type": "number", "minimum": 0, "maximum": 1} for label in signature.labels}
    schema["properties"] |= {
        "label": one,
        "probabilities": {
            "type": "object",
            "properties": odds,
            "required": signature.labels,
            "additionalProperties": False,
        },
        "set": {"type": "array", "items": one},
    }
    return schema


def _answer(version: Version, types: Types) -> Schema:
    kind = "Classified" if version.signature.labels else "Estimated"
    schema: Schema = copy.deepcopy(types[f"PredictResponse_{kind}_"])
    schema["properties"] |= {
        "model": {"const": version.model},
        "version": {"type": "integer", "examples": [version.version]},
        "predictions": {"type": "array", "items": reference(version.model, "Prediction")},
    }
    return schema
