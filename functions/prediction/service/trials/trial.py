"""A trial: the versions that an alias's calls are shared out among, in one replica."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

import structlog

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.models.traffic import Tally, Traffic
from functions.kit.contract.telemetry.durations import bucket
from functions.prediction.model.agreement import compare
from functions.prediction.model.tables import Rows
from functions.prediction.model.translating import rows_for
from functions.prediction.service.choosing import Split
from functions.prediction.service.ports import (
    HIT,
    Chosen,
    Made,
    PredictionLog,
    Predictor,
    Run,
    Target,
)

log = structlog.get_logger()
T = TypeVar("T")

SHADOW = "shadow"
"""Why a version answered that no caller hears of."""
SHADOW_ID = "0" * 8
"""What stands in its id behind the answer's, before its version: no answer counts that far."""

Count = Callable[[int, Tally], None]
"""Adds what came of calls to a version."""
Later = Callable[[int, Callable[[], None]], bool]
"""Does something with so many rows when there is time; tells whether there will be."""


class Versions(NamedTuple):
    """The versions of a trial.

    Attributes:
        targets: by number.
        ready: makes one ready to answer; raises what keeps it from that.
    """

    targets: Mapping[int, Target]
    ready: Callable[[Target], Predictor]


class Trial:
    """Chooses who answers, has the champion answer for who fails, and compares behind the backs.

    Args:
        alias: whose calls.
        traffic: how they are shared out.
        versions: it sends calls to.
        count: takes what came of them.
        later: does what callers do not wait for.
    """

    def __init__(
        self, alias: str, traffic: Traffic, versions: Versions, count: Count, later: Later
    ) -> None:
        self._alias = alias
        self._traffic = traffic
        self._versions = versions
        self._count = count
        self._later = later
        self._champion = traffic.champion
        self._split = Split(versions.targets[traffic.champion].uid, alias, traffic)
        self._unready: set[int] = set()
        self._unloaded: dict[str, int] = {}  # why the champion answers instead → of whom

    def warm(self, *, shadows: bool) -> None:
        """Make the versions ready that answer, or those that follow."""
        for version in self._traffic.shadows if shadows else self._traffic.shares:
            self._try(version)

    def choose(self, sticky: str, caller: Caller) -> Chosen:
        """Return who answers a call.

        Raises:
            Unloadable, Away, NotFound: what keeps the champion from it.
        """
        version, why = self._split.choose(sticky, caller)
        if version == self._champion:
            return Chosen(self._predictor(version), self._alias, why, self)
        predictor = self._try(version)
        if predictor is None:
            why = f"version {version} cannot be loaded"
            self._unloaded[why] = version
            return self._instead(why)
        return Chosen(predictor, self._alias, why, self)

    def run(self, chosen: Chosen, rows: Rows, by: Run[T]) -> tuple[Chosen, Rows, T]:
        """Let who was chosen answer, or the champion instead; raises Failed when it fails."""
        unloaded = self._unloaded.get(chosen.why)
        if unloaded is not None:
            self._count(unloaded, Tally(calls=1, errors=1))
        version = chosen.predictor.version.version
        try:
            return self._counted(chosen, rows, by)
        except Exception as error:
            if version == self._champion:
                raise
            self._warn("challenger failed", version, error)
            instead = self._instead(f"version {version} failed")
            taken = _as_taken(instead.predictor, rows, chosen.predictor)
            return self._counted(instead, taken, by)

    def follow(self, made: Made, told: PredictionLog) -> None:
        """Have others answer the same, too, when there is time: shadows, for the champion's answer.

        For a challenger's it is the champion, to compare. `told` is told of shadows.
        """
        if made.chosen.cache == HIT:
            return  # they did when it was answered first
        answered = made.chosen.predictor.version.version
        if answered != self._champion:
            self._do_later(made, answered, partial(self._compare_with_champion, made))
            return
        for version in self._traffic.shadows:
            self._do_later(made, version, partial(self._shadow, made, version, told))

    def _do_later(self, made: Made, version: int, work: Callable[[], Tally]) -> None:
        """Count for a version what `work` comes to, or that there is no time for it."""

        def counted() -> None:
            try:
                tally = work()
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for it
                self._warn("not compared", version, error)
                tally = Tally(dropped=len(made.rows))
            self._count(version, tally)

        if not self._later(len(made.rows), counted):
            self._count(version, Tally(dropped=len(made.rows)))

    def _compare_with_champion(self, made: Made) -> Tally:
        return self._answer_too(self._predictor(self._champion), made)[1]

    def _shadow(self, made: Made, version: int, told: PredictionLog) -> Tally:
        """Let a shadow answer what the champion did; tell the log, and return what came of it."""
        try:
            shadow, tally = self._answer_too(self._predictor(version), made)
        except Exception as error:  # noqa: BLE001 - whatever a shadow does, nobody waits for it
            self._warn("shadow failed", version, error)
            return Tally(calls=1, errors=1)
        times = {bucket(len(shadow.rows), shadow.seconds): 1}
        tally.add(Tally(calls=1, times=times))
        told.take(shadow)
        return tally

    def _answer_too(self, predictor: Predictor, made: Made) -> tuple[Made, Tally]:
        """Let a version answer what another one did, and hold the two against each other."""
        asked, began = made.chosen.predictor, time.perf_counter()
        rows = _as_taken(predictor, made.rows, asked)
        given = predictor.predict(rows)
        output = given.output
        seconds = time.perf_counter() - began
        ours, theirs = asked.version.signature, predictor.version.signature
        rows_compared, agreed, apart = compare(ours, made.output, theirs, output)
        chosen = Chosen(predictor, self._alias, SHADOW)
        ident = f"{made.id}{SHADOW_ID}{predictor.version.version:04x}"
        told = (chosen, rows, output, seconds, made.caller, given.spread)
        shadow = Made(time.time(), ident, *told)
        return shadow, Tally(compared=rows_compared, agreed=agreed, apart=apart)

    def _counted(self, chosen: Chosen, rows: Rows, by: Run[T]) -> tuple[Chosen, Rows, T]:
        """Let a version answer, and count what comes of it; what it raises goes on."""
        predictor = chosen.predictor
        version, began = predictor.version.version, time.perf_counter()
        try:
            given = by(predictor, rows)
        except Exception:
            self._count(version, Tally(calls=1, errors=1))
            raise
        seconds = time.perf_counter() - began
        self._count(version, Tally(calls=1, times={bucket(len(rows), seconds): 1}))
        return chosen, rows, given

    def _instead(self, why: str) -> Chosen:
        return Chosen(self._predictor(self._champion), self._alias, why, self)

    def _predictor(self, version: int) -> Predictor:
        return self._versions.ready(self._versions.targets[version])

    def _try(self, version: int) -> Predictor | None:
        """Return a version, or None where it cannot be had: then not before the next trial."""
        if version in self._unready:
            return None
        try:
            return self._predictor(version)
        except Exception as error:  # noqa: BLE001 - whatever it is, the champion answers
            self._warn("not ready", version, error)
            self._unready.add(version)
            return None

    def _warn(self, what: str, version: int, error: Exception) -> None:
        log.warning(what, alias=self._alias, version=version, error=str(error))


def _as_taken(predictor: Predictor, rows: Rows, asked: Predictor) -> Rows:
    """Return the rows that another version was asked about as this one takes them."""
    return rows_for(rows, asked.version.signature, predictor.version.signature, predictor.reader)
