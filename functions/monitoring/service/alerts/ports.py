"""What alerts need of the world."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.signature import Task
from functions.kit.contract.stepped import SteppedStore
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.deciding import Decision
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.model.alerts.testing import Lately
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.model.windows.measures import Named, Point
from functions.monitoring.model.windows.window import Span

AlertStore = SteppedStore[Alert]
NoticeStore = SteppedStore[Notice]


class Watches(Protocol):
    """Keeps watches, and with a change of one the alerts and notices that come of it."""

    def find(self, model: Place) -> Watch | None:
        """Return the watch of a model; None where there is none yet."""

    def change(self, model: Place, decide: Callable[[Watch | None], Decision | None]) -> Decision:
        """Apply a decision in one transaction: the watch, its alerts and notices, their steps.

        `decide` may run several times. None from it changes nothing.
        """

    def changed_since(self, workspace: str, since: dt.datetime, most: int) -> list[Alert]:
        """Return the alerts that changed after a time, in the order of that."""


class Measured(Protocol):
    """A window, and what was measured of it."""

    def point(self, measure: str) -> Point | None:
        """Return what was found of a measure; None where that was not measured."""


class Series(Protocol):
    """What was measured of versions, window by window."""

    def windows(
        self, model: Place, version: int | None, span: Span, last: int, measures: Named
    ) -> tuple[int | None, Sequence[Measured]]:
        """Return a version, and its `last` windows, oldest first; without one, of the newest.

        Of the measures, those that are named are there.

        Raises:
            Away: they cannot be read now.
        """


class Channels(Protocol):
    """Keeps channels."""

    def create(self, channel: Channel) -> bool:
        """Add one; False where there is one of its id already, which stays as it is."""

    def find(self, place: Place) -> Channel | None:
        """Return one, or None."""

    def all(self, workspace: str) -> list[Channel]:
        """Return all of a workspace, by id."""

    def change(self, place: Place, change: Callable[[Channel], Channel | None]) -> Channel:
        """Apply a change in one transaction; None from it removes the channel. Raises NotFound."""

    def count_tests(self, owner: str, change: Callable[[Lately], Lately]) -> None:
        """Apply a change to what is known of an owner's tests, in one transaction.

        `change` may run several times; what it raises changes nothing.
        """


class Trained(NamedTuple):
    """What the registry knows of a version.

    Attributes:
        task: that it does.
        metrics: its measures on the rows that were held out.
        job: that made it.
        made_at: when.
    """

    task: Task
    metrics: dict[str, Any]
    job: str
    made_at: dt.datetime


class Registered(Protocol):
    """The registered models, as rules need them."""

    def model(self, model: Place) -> Model | None:
        """Return a model; None where there is none. Raises Away."""

    def version(self, model: Place, version: int) -> Trained | None:
        """Return a version; None where there is none. Raises Away."""


class NotTaken(Exception):  # noqa: N818 - a state of a notice
    """A channel did not take a notice.

    Args:
        why: in words, without any secret.
        for_good: another try will not do.
        wait: for how many seconds it asked to be left alone.
    """

    def __init__(self, why: str, *, for_good: bool = False, wait: float = 0.0) -> None:
        super().__init__(why)
        self.for_good = for_good
        self.wait = wait


class Sender(Protocol):
    """Hands a notice to a channel."""

    def send(self, notice: Notice, channel: Channel) -> str:
        """Hand it over; return what was wrong all the same, empty for nothing.

        Sent again, it has the same id there: a channel can tell that it is the same.

        Raises:
            NotTaken: it was not taken.
        """


class Seal(Protocol):
    """Seals what is secret of channels."""

    def sealed(self, text: str, place: str) -> str:
        """Return a text as it may be stored; it can be opened for that place alone."""

    def opened(self, sealed: str, place: str) -> str:
        """Return the text; raises Gone."""


class JobNow(NamedTuple):
    """How a training job stands; `version` is that which it made of `model`, once it has."""

    state: str
    version: int | None
    failure: str | None
    model: str = ""


class OtherFunctions(Protocol):
    """What acts ask of `models` and `training`.

    Each call names its cause, which the log of activity keeps. All raise DomainError.
    """

    def model(self, model: Place) -> Model:
        """Return a model as it is now."""

    def train_again(self, workspace: str, job: str, cause: str) -> str:
        """Train like a job on the newest revision; the same cause gives the same new job."""

    def job(self, workspace: str, job: str) -> JobNow:
        """Return how a job stands."""

    def cancel(self, workspace: str, job: str, cause: str) -> None:
        """End a job."""

    def promote(
        self,
        model: Place,
        alias: str,
        version: int,
        cause: str,
        *,
        if_better: dict[str, Any] | None = None,
        revision: int | None = None,
    ) -> str:
        """Let an alias name a version; return why that is better, if it was to be.

        Conflict where it is not, Stale by `revision`.
        """

    def roll_back(self, model: Place, alias: str, revision: int, cause: str) -> Model:
        """Let an alias name what it named before, if the model is at a revision still."""

    def share_out(
        self, model: Place, alias: str, traffic: dict[str, Any], revision: int, cause: str
    ) -> None:
        """Share an alias's calls out; empty `traffic`: all go to the version that it names."""

    def delete_version(self, model: Place, version: int, cause: str) -> None:
        """Take a version away, for seven days."""


Everybody = Callable[[str], Sequence[str]]
"""Return the channels that are told where a rule names none, of a workspace."""
