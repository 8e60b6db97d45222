"""The command line as a page: what each command says for `-h`."""

from collections.abc import Iterator

import click

WIDTH = 100


def page(root: click.Group) -> str:
    """Return the page of a command line."""
    lines = [
        "# The command line",
        "",
        "What each command says of itself (`./mayfly COMMAND -h`).",
        "",
    ]
    with click.Context(root, info_name="./mayfly", max_content_width=WIDTH) as context:
        context.terminal_width = WIDTH
        for name in root.list_commands(context):
            command = root.get_command(context, name)
            assert command is not None, name
            lines += _told(command, name, context)
    return "\n".join(lines)


def _told(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    with click.Context(command, info_name=name, parent=parent) as context:  # as wide as its parent
        deep = "##" if context.parent and context.parent.parent is None else "###"
        yield from (
            f"{deep} `{context.command_path}`",
            "",
            "```text",
            command.get_help(context),
            "```",
            "",
        )
        if isinstance(command, click.Group):
            for sub in command.list_commands(context):
                found = command.get_command(context, sub)
                assert found is not None, sub
                yield from _told(found, sub, context)
