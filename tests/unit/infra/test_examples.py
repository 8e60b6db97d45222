"""The examples of each command's help, and the README's, are calls that their commands take."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from infra.local.catalogue import COMMANDS
from infra.local.cli import mayfly

ROOT = Path(__file__).resolve().parents[3]
CALL = re.compile(r"\./mayfly (?=[a-z])(.*)")
SHELL = re.compile(r"\s[|<>]\s?|>>|\)\"|\s{3,}|;")  # where a call ends


def commands(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield found
        if isinstance(found, click.Group):
            yield from commands(found)


def calls(text: str) -> list[str]:
    return [SHELL.split(call)[0].strip() for call in CALL.findall(text)]


def of_help(command: click.Command) -> list[str]:
    return calls((command.help or "").partition("Example")[2])


def parsed(command: click.Command, words: list[str]) -> None:
    """Have a command take its words, and do nothing; raises click.UsageError."""
    context = command.make_context(command.name, [*words])
    rest = [*context._protected_args, *context.args]
    if isinstance(command, click.Group) and rest:
        _, sub, more = command.resolve_command(context, rest)
        assert sub is not None
        parsed(sub, more)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_command_s_examples_are_calls_that_it_takes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    command = mayfly.get_command(click.Context(mayfly), name)
    assert command is not None
    found = of_help(command)
    assert any(call.split()[0] == name for call in found)
    for call in found:
        parsed(mayfly, shlex.split(call))


def test_the_readme_s_calls_are_calls_that_commands_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    found = [call for block in blocks for call in calls(block)]
    assert len(found) > 15
    for call in found:
        parsed(mayfly, shlex.split(call, comments=True))


def test_a_wrong_example_would_be_found() -> None:
    for call in ("jobs --limti 3", "keys mkae", "train x"):
        with pytest.raises(click.UsageError):
            parsed(mayfly, call.split())


def test_all_that_tell_of_a_system_have_json() -> None:
    without = {"up", "demo", "logs", "completion", "new", "deploy", "invoke", "resume", "setup"}
    for name, entry in COMMANDS.items():
        command = mayfly.get_command(click.Context(mayfly), name)
        assert command is not None
        leaves = [*commands(command)] if isinstance(command, click.Group) else [command]
        for leaf in leaves:
            has = any("--json" in option.opts for option in leaf.params)
            developing = entry.module.startswith("developing.")
            assert has is not (name in without or developing), f"{name} {leaf.name}"
