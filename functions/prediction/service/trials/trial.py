"""A trial: the versions that an alias's calls are shared out among, in one replica."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from functions.kit.contract.durations import bucket
from functions.kit.contract.identity import Caller
from functions.kit.contract.traffic import Tally, Traffic
from functions.prediction.model.agreement import compare
from functions.prediction.model.tables import Rows
from functions.prediction.model.translating import rows_for
from functions.prediction.service.choosing import Split
from functions.prediction.service.ports import (
    Chosen,
    Made,
    Predicted,
    PredictionLog,
    Predictor,
    Target,
)

log = structlog.get_logger()

SHADOW = "shadow"
"""Why a version answered that no caller hears of."""

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

    def warm(self) -> None:
        """Make all versions ready; one that cannot be has its calls answered by the champion.

        Raises:
            Unloadable, Away, NotFound: what keeps the champion from being ready.
        """
        self._predictor(self._champion)
        for version in self._versions.targets:
            self._try(version)

    def choose(self, sticky: str, caller: Caller) -> Chosen:
        """Return who answers a call; raises as `warm`."""
        version, why = self._split.choose(sticky, caller)
        if version == self._champion:
            return Chosen(self._predictor(version), self._alias, why, self)
        predictor = self._try(version)
        if predictor is None:
            self._count(version, Tally(calls=1, errors=1))
            return self._instead(f"version {version} cannot be loaded")
        return Chosen(predictor, self._alias, why, self)

    def predict(self, chosen: Chosen, rows: Rows) -> Predicted:
        """Let who was chosen answer, or the champion instead; raises Failed when it fails."""
        version = chosen.predictor.version.version
        try:
            return self._counted(chosen, rows)
        except Exception as error:
            if version == self._champion:
                raise
            reason = str(error)
            log.warning("challenger failed", alias=self._alias, version=version, error=reason)
            instead = self._instead(f"version {version} failed")
            return self._counted(instead, _for(instead.predictor, rows, chosen.predictor))

    def follow(self, made: Made, told: PredictionLog) -> None:
        """Have the others answer the same, too, when there is time; `told` is told of shadows."""
        answered = made.chosen.predictor.version.version
        is_champion = answered == self._champion
        for version in self._traffic.shadows if is_champion else [self._champion]:
            compared = version if is_champion else answered

            def work(version: int = version, compared: int = compared) -> None:
                self._follow(made, told, version, compared)

            if not self._later(len(made.rows), work):
                self._count(compared, Tally(dropped=len(made.rows)))

    def _follow(self, made: Made, told: PredictionLog, version: int, compared: int) -> None:
        """Let a version answer what another did, and hold the two against each other."""
        asked, predictor = made.chosen.predictor, self._try(version)
        is_shadow = version == compared
        if predictor is None:
            self._count(compared, Tally(calls=1, errors=1) if is_shadow else Tally())
            return
        chosen = Chosen(predictor, self._alias, SHADOW)
        began = time.perf_counter()
        try:
            rows = _for(predictor, made.rows, asked)
            output = predictor.run(predictor.encode(rows))
        except Exception as error:  # noqa: BLE001 - whatever a shadow does, nobody waits for it
            log.warning("shadow failed", alias=self._alias, version=version, error=str(error))
            self._count(compared, Tally(calls=1, errors=1) if is_shadow else Tally())
            return
        seconds = time.perf_counter() - began
        found = compare(asked.version.signature, made.output, predictor.version.signature, output)
        tally = Tally(compared=found.rows, agreed=found.agreed, apart=found.apart)
        if is_shadow:
            tally.add(Tally(calls=1, times={bucket(len(rows), seconds): 1}))
            ident = f"{made.id}-shadow{version}"
            told.take(Made(time.time(), ident, chosen, rows, output, seconds, made.caller))
        self._count(compared, tally)

    def _counted(self, chosen: Chosen, rows: Rows) -> Predicted:
        predictor = chosen.predictor
        version, began = predictor.version.version, time.perf_counter()
        try:
            output = predictor.run(predictor.encode(rows))
        except Exception:
            self._count(version, Tally(calls=1, errors=1))
            raise
        seconds = time.perf_counter() - began
        self._count(version, Tally(calls=1, times={bucket(len(rows), seconds): 1}))
        return Predicted(chosen, rows, output)

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
            log.warning("not ready", alias=self._alias, version=version, error=str(error))
            self._unready.add(version)
            return None


def _for(predictor: Predictor, rows: Rows, asked: Predictor) -> Rows:
    return rows_for(rows, asked.version.signature, predictor.version.signature, predictor.reader)
