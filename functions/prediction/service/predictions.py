"""The one layer beneath both transports, records and Open Inference tensors."""

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec.structs import replace

from functions.kit.contract.access.identity import ANYONE, Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, NoRoom, not_found
from functions.kit.contract.models.traffic import Traffic
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.names import is_name
from functions.kit.lazy import Lazy
from functions.kit.service.revalidating_cache import RevalidatingCache
from functions.prediction.model.describing import Predicted
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.questions import Question
from functions.prediction.model.tables import Rows
from functions.prediction.service.ports import (
    Chosen,
    GetFile,
    OpenVersion,
    Predictor,
    Reference,
    Registry,
    Remote,
    Run,
    Target,
)
from functions.prediction.service.ready_versions import ReadyVersions

MANY = 8
"""Models of one workspace in use, from which on it takes less to ask which have changed."""
if TYPE_CHECKING:
    from functions.prediction.service import explaining
    from functions.prediction.service.trials.trial import Trial
    from functions.prediction.service.trials.trials import Trials
else:
    explaining = Lazy("functions.prediction.service.explaining")

T = TypeVar("T")

SOON = 0.5
"""Seconds for which a change of an alias waits for challengers to be ready: less than who calls
meanwhile is given what is remembered."""


class Led(NamedTuple):
    """Where a reference leads; `trial` where its calls are shared out."""

    target: Target
    trial: "Trial | None"


def run(chosen: Chosen, rows: Rows, by: Run[T]) -> tuple[Chosen, Rows, T]:
    """Let the version answer that was chosen, or the champion where it is tried, and fails.

    Returns:
        Who answered, the rows as that version takes them, and what `by` gives for them.

    Raises:
        Failed: the model fails.
    """
    if chosen.trial is not None:
        return chosen.trial.run(chosen, rows, by)
    return chosen, rows, by(chosen.predictor, rows)


class Service:
    """Finds the version that a caller wants, ready to answer.

    Which version an alias names is remembered and read again in the background
    (`RevalidatingCache`). Versions never change, so they are held as long as there is room
    (`ReadyVersions`).

    Args:
        registry: what is known of models.
        file: gives the bytes of a version's file.
        opened: makes a version ready.
        memory_bytes: most bytes of memory that versions held ready take.
        clock: tells how old what is remembered is.
        trials: makes trials of aliases whose calls are shared out; None has all go to what they
            name.
        remote: makes versions ready that are functions; None has none.

    Attributes:
        loaded: is told of each version that had to be made ready; None is nobody.
    """

    def __init__(
        self,
        registry: Registry,
        file: GetFile,
        opened: OpenVersion,
        memory_bytes: int,
        clock: Clock,
        trials: "Callable[[], Trials] | None" = None,
        remote: Remote | None = None,
    ) -> None:
        self._registry = registry
        self._file = file
        self._opened = opened
        self._remote = remote
        self._trials = trials
        self.loaded: Callable[[Target], None] | None = None
        self._warming: set[tuple[Place, Reference]] = set()
        self._ready: ReadyVersions[Target, Predictor] = ReadyVersions(
            self._load, memory_bytes, (Unloadable,), clock.monotonic
        )
        self._led: RevalidatingCache[tuple[Place, Reference], Led] = RevalidatingCache(
            self._resolve,
            away=(Away, NoRoom, Unloadable),
            background=ThreadPoolExecutor(max_workers=1, thread_name_prefix="refresh"),
            clock=clock.monotonic,
            unchanged=self._unchanged,
        )

    def predictor(self, model: Place, reference: Reference) -> Predictor:
        """Return the version that `reference` of `model` leads to.

        Raises:
            NotFound: when there is no such model, alias or version.
            Away: when it cannot be loaded.
        """
        try:
            return self._ready.get(self._led.get((model, reference)).target)
        except Unloadable as error:
            raise _cannot_be_loaded(model, reference, error) from error

    def led(self, model: Place, reference: Reference) -> Target:
        """Return where `reference` of `model` leads, ready or not; raises NotFound, Away."""
        return self._led.get((model, reference)).target

    def target(self, model: Place, reference: Reference) -> Target:
        """Return where `reference` of `model` leads; raises NotFound, Away."""
        self.predictor(model, reference)
        return self._led.get((model, reference)).target

    def choose(
        self, model: Place, reference: Reference, caller: Caller = ANYONE, sticky: str = ""
    ) -> Chosen:
        """Return the version that answers a call for `reference` of `model`, and why it does.

        Args:
            model: whose.
            reference: which.
            caller: who calls.
            sticky: the key that the call names, if it does (`transport/sticking`).

        Raises:
            NotFound, Away: as `predictor`.
        """
        try:
            target, trial = self._led.get((model, reference))
            if trial is not None:
                return trial.choose(sticky, caller)
            predictor = self._ready.get(target)
        except Unloadable as error:
            raise _cannot_be_loaded(model, reference, error) from error
        if isinstance(reference, int):
            return Chosen(predictor, "", "version")
        return Chosen(predictor, reference, "alias")

    def predict(self, predictor: Predictor, asked: Question) -> Predicted:
        """Return what a version gives for a question's rows, explained where that is asked for.

        Raises:
            Failed: as `Predictor.run`.
            Invalid, Conflict, Away: as `Explainer.explain`.
        """
        return self._explained(predictor, asked, predictor.predict(asked.rows))

    def answer(self, chosen: Chosen, asked: Question) -> tuple[Chosen, Question, Predicted]:
        """As `predict`, by the version that was chosen, or by the champion where that fails.

        Returns:
            Who answered, the question as that version takes it, and what it gave.
        """
        if chosen.trial is None:
            return chosen, asked, self.predict(chosen.predictor, asked)
        chosen, rows, given = chosen.trial.run(chosen, asked.rows, _predict)
        asked = asked._replace(rows=rows)
        return chosen, asked, self._explained(chosen.predictor, asked, given)

    def _explained(self, predictor: Predictor, asked: Question, given: Predicted) -> Predicted:
        if not asked.options.explain:
            return given
        why = self._explainer.explain(predictor, asked.rows, given.inputs, given.output)
        return replace(given, explanations=why)

    @functools.cached_property
    def _explainer(self) -> "explaining.Explainer":
        return explaining.Explainer(self._file)

    def standing(self) -> Mapping[Target, str]:
        """Return the versions that are held, and why others are not (`ReadyVersions.standing`)."""
        return self._ready.standing()

    def versions(self, model: Place) -> Sequence[int]:
        """Return the numbers of a model's versions; raises NotFound."""
        if not is_name(model.name):
            raise not_found("model", model.name)
        return self._registry.versions(model)

    def models(self, workspace: str) -> Sequence[tuple[str, Sequence[int]]]:
        """Return each model of a workspace with its versions."""
        return [(one.name, one.versions) for one in self._registry.models(workspace)]

    def _resolve(self, key: tuple[Place, Reference]) -> Led:
        """Find a target and make it ready: until it is, callers keep the one before.

        So are all versions that calls of an alias are shared out among.
        """
        model, reference = key
        if not is_name(model.name):
            raise not_found("model", model.name)
        target, traffic = self._registry.find(model, reference)
        self._ready.get(target)
        self._warming.discard(key)
        if traffic is None or self._trials is None:
            return Led(target, None)
        trial = self._trial(self._trials(), str(reference), target, traffic)
        if trial is None:
            self._warming.add(key)
        return Led(target, trial)

    def _trial(
        self, trials: "Trials", alias: str, target: Target, traffic: Traffic
    ) -> "Trial | None":
        """Return the trial of an alias's versions; None until they are ready.

        Who asks a new replica waits for nobody but who is to answer.
        """
        numbers = (*traffic.shares, *traffic.shadows)
        targets = {number: Target(target.model, target.uid, number) for number in numbers}
        trial = trials.trial(target.model, alias, traffic, targets, self._ready.get)
        is_new = (target.model, alias) not in self._led
        is_warm = trials.is_warm(traffic.id, trial, within=0.0 if is_new else SOON)
        return trial if is_new or is_warm else None

    def _unchanged(
        self, key: tuple[Place, Reference], known: Sequence[tuple[Place, Reference]]
    ) -> Collection[tuple[Place, Reference]]:
        """Return what leads to where it did, of a workspace of which many models are in use."""
        workspace = key[0].workspace
        mates = [one for one in known if one[0].workspace == workspace]
        if len(mates) < MANY:
            return ()
        changed, warming = self._registry.changed(workspace), set(self._warming)
        return {one for one in mates if one[0].name not in changed and one not in warming}

    def _load(self, target: Target) -> Predictor:
        found = self._open(target)
        found.uid = target.uid
        if self.loaded is not None:
            self.loaded(target)
        return found

    def _open(self, target: Target) -> Predictor:
        version = self._registry.version(target)
        if version.file is not None:
            return self._opened(version, self._file(version.file))
        if self._remote is None:
            raise Unloadable("it has no file")
        return self._remote(target.model, version)


def _cannot_be_loaded(model: Place, reference: Reference, error: Unloadable) -> Away:
    return Away(f"Model '{model.name}', {reference}, cannot be loaded: {error}.")


def _predict(predictor: Predictor, rows: Rows) -> Predicted:
    return predictor.predict(rows)
