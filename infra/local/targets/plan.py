"""What a deploy is going to do: programs that it needs, logins, and commands one after another."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.local.settings import IS_CHECKOUT, PROGRAM

# Every command is run at the root: of the repository, or of what a wheel brought.
MAYFLY = "./mayfly" if IS_CHECKOUT else str(PROGRAM)


@dataclass(frozen=True)
class Need:
    """A program.

    Attributes:
        remedy: how it is come by.
    """

    program: str
    remedy: str


@dataclass(frozen=True)
class Login:
    """Something that must be so before anything is built.

    Attributes:
        words: a command that fails, or says nothing, where it is not so.
        failure: what is not so, in a line.
        remedy: what to run.
    """

    words: tuple[str, ...]
    failure: str
    remedy: str


@dataclass(frozen=True)
class Step:
    """A command.

    Attributes:
        said: what it is for.
        words: program and arguments.
        environment: variables besides those that are set.
        beside: a command that runs as long as this one, and says a line once it is ready.
    """

    said: str
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    def __str__(self) -> str:
        variables = [f"{name}={shlex.quote(text)}" for name, text in self.environment.items()]
        line = " ".join([*variables, shlex.join(self.words)])
        return f"{shlex.join(self.beside)} & {line}" if self.beside else line


@dataclass(frozen=True)
class Plan:
    """A deploy.

    Attributes:
        target: where to.
        dry: why it is never carried out; empty where it is.
        notes: what whoever reads it must know.
    """

    target: str
    needs: tuple[Need, ...]
    logins: tuple[Login, ...]
    steps: tuple[Step, ...]
    dry: str = ""
    notes: tuple[str, ...] = ()


DOCKER = Need("docker", "Install Docker, or give --no-build where the images are pushed already.")
KUBECTL = Need("kubectl", "Install kubectl (Debian: kubernetes-client).")
