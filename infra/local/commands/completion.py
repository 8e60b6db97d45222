"""`./mayfly completion`."""

import shlex

import click
from click.shell_completion import get_completion_class

from infra.local.settings import PROGRAM

SHELLS = ("bash", "zsh", "fish")
NAME = "mayfly"
_CHECK = f"    (( ! $+commands[{NAME}] )) && return 1\n"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def command(*, shell: str) -> None:
    """Print what has a shell complete commands and options, of `mayfly` and of `./mayfly`.

    \b
    Examples:
      ./mayfly completion bash >> ~/.bashrc
      ./mayfly completion zsh >> ~/.zshrc        after compinit
      ./mayfly completion fish > ~/.config/fish/completions/mayfly.fish
    """
    root = click.get_current_context().find_root()
    complete = get_completion_class(shell)
    assert complete is not None
    script = complete(root.command, {}, NAME, "_MAYFLY_COMPLETE").source()
    click.echo(_calling_this(script, shell))


def _calling_this(script: str, shell: str) -> str:
    """Return a script that asks this very Mayfly, which need not be found by its name."""
    here = shlex.quote(str(PROGRAM))
    if (
        shell == "bash"
    ):  # `$1` is the word that was typed, which need not be a program, but an alias
        return script.replace("bash_complete $1)", f"bash_complete {here})")
    if shell == "zsh":
        return script.replace(_CHECK, "").replace(f"zsh_complete {NAME})", f"zsh_complete {here})")
    return script.replace(f"(commandline -t) {NAME})", f"(commandline -t) {here})")
