"""Options whose value is JSON, written out or in a file."""

import json
from pathlib import Path
from typing import Any

import click


class JsonObject(click.ParamType[dict[str, Any]]):
    """A JSON object; @FILE reads it from a file."""

    name = "JSON|@FILE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """Return the object."""
        if isinstance(value, dict):
            return value
        try:
            text = Path(value[1:]).read_text() if value.startswith("@") else value
            found = json.loads(text)
        except (OSError, ValueError) as error:
            self.fail(f"{value!r} is no JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail(f"{value!r} is no JSON object, such as {{...}}", param, ctx)
        return found


reading_option = click.option(
    "--reading",
    type=JsonObject(),
    help="What is said of how the file is read, as the function datasets takes it.",
)
