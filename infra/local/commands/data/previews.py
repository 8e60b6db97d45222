"""How a file would be read, as commands tell it."""

import click

from infra.local.commands.signed import Caller, Json

COLUMNS = {
    "column": "name",
    "read as": "kind",
    "why": "why",
    "missing": "missing",
    "examples": "shown",
    "to look at": "warnings",
}
MOST_EXAMPLES = 3


def show(caller: Caller, preview: Json) -> None:
    """Show how a file would be read: each column and why, what is asked, what is refused."""
    if caller.as_json:
        caller.tell(preview)
        return
    columns = preview["columns"]
    click.echo(f"{preview['rows']:,} rows, {len(columns)} columns; nothing is stored yet")
    caller.show(map(_shown, columns), COLUMNS, "It has no columns.")
    for asked in preview.get("questions", ()):
        place = f"column {asked['column']}: " if asked.get("column") else ""
        click.echo(f"to be said: {place}{asked['question']}")
    for flaw in preview.get("flaws", ()):
        place = ", ".join(f"{key} {flaw[key]}" for key in ("row", "column") if flaw.get(key))
        click.echo(f"would be refused: {place}: {flaw['reason']}")


def _shown(column: Json) -> Json:
    reasons = [one["reason"] for one in column.get("decisions", ())]
    return {**column, "why": reasons[:1], "shown": column.get("examples", [])[:MOST_EXAMPLES]}
