"""The interface between the plane and whatever runs a replica."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.service.logs import LogFile
from emulators.gateway.specs.images import Source

# Names the folder of the secrets that a replica was given.
SECRETS_VARIABLE = "OPENFAAS_SECRETS"
# Names the folder of the volumes that a replica was given; what runs it takes it out again.
VOLUMES_VARIABLE = "MAYFLY_VOLUMES"


class Address(msgspec.Struct, frozen=True):
    """Where a replica answers: a unix socket, or a host and port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


class StartError(Exception):
    """A replica could not be started; the text says why (a traceback, as a rule)."""


class Instance(Protocol):
    """One running replica."""

    id: str
    address: Address
    pid: int  # 0: no process of this machine's
    timings: Mapping[str, float]  # seconds for each part of the start
    threads: int  # calls that it works on at once; 0 where that is not known

    @property
    def running(self) -> Sequence[float]:
        """Seconds that each call had taken, when it last answered, which it had not answered."""

    @property
    def exited(self) -> asyncio.Future[str]:
        """Set to the reason when the replica is gone."""

    async def alive(self, limit: float) -> bool:
        """Tell whether it answers within so many seconds, whatever it works on."""

    async def ending(self) -> str:
        """Return how it ended, in words that follow its name: ``was ended by SIGKILL``."""

    def last_lines(self) -> list[str]:
        """Return what it wrote last, oldest first."""

    async def stop(self, grace: float) -> None:
        """End it: ask first, kill after ``grace`` seconds. Return when it is gone."""

    async def destroy(self) -> None:
        """End it at once, also where it hangs. Return when it is gone."""


class Runtime(Protocol):
    """Starts replicas of revisions.

    Attributes:
        scales: Whether it is this gateway that decides how many replicas there are.
    """

    scales: bool

    def given(self, now: float) -> list[Deployment]:
        """Return functions that are there without being deployed."""

    async def open(self) -> None:
        """Get ready to launch."""

    async def close(self) -> None:
        """End whatever still runs."""

    def locate(self, revision: Revision) -> Source | None:
        """Check that the revision's image can run here.

        Raises:
            Invalid: Naming the image and what is wanted.
        """

    def take(self, revision: Revision) -> str:
        """Keep the code behind a revision's image as it is now.

        Returns:
            Its digest, which tells states of the code apart; empty where it cannot be seen.

        Raises:
            GatewayError: When it cannot be kept.
        """

    def keep(self, digests: set[str]) -> None:
        """Forget code that was taken and is not one of these, once nothing runs from it."""

    def log_of(self, revision: Revision) -> LogFile | None:
        """Return where a function's output goes; None where that is not known here."""

    def warmth(self, revision: Revision) -> str:
        """Say whether a process that has imported what a revision imports forks its replicas.

        In words, with the reason if not; empty where that would not make starts faster.
        """

    async def launch(self, revision: Revision, env: Mapping[str, str]) -> Instance:
        """Start one replica and return when it accepts connections.

        Raises:
            StartError: When it ended, or was not ready in time.
        """
