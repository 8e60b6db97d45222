"""What both sides store and send: the same documents, so that only the server differs."""

from typing import Any

from google.cloud.firestore_v1 import types

PROJECT = "benchmark"
DATABASE = f"projects/{PROJECT}/databases/(default)"
NAME = "single/one"
BATCH = 500
STREAMED = 2_000


def content(number: int = 0) -> dict[str, Any]:
    """Return the fields of a small document."""
    return {"name": f"passenger {number}", "age": number % 90, "fare": number / 7, "survived": True}


def document(name: str) -> Any:
    """Return a Document with such fields."""
    fields = types.Document.pb()(name=name)
    fields.fields["name"].string_value = "passenger 1"
    fields.fields["age"].integer_value = 29
    fields.fields["fare"].double_value = 1.5
    fields.fields["survived"].boolean_value = True
    fields.create_time.seconds = fields.update_time.seconds = 1_700_000_000
    return fields
