"""Shares an alias's calls out, sums what came of them, and ends that when a challenger fails."""

import datetime as dt
import secrets

import msgspec
import structlog

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.models.traffic import Bounds, Counted, Spread, Tally, Traffic
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.conditions import IfMatch, check_match
from functions.kit.contract.requests.names import check_name
from functions.kit.contract.telemetry.durations import quantile
from functions.models.model import traffic as rules
from functions.models.model.aliases import Act, Changed, aliased, no_version
from functions.models.model.counting import Sums, with_counted
from functions.models.model.rollbacks import breach
from functions.models.service.ports import ModelStore

log = structlog.get_logger()

MODELS = "models"
"""Who ends traffic by itself, as the history calls it."""


class Measured(msgspec.Struct, kw_only=True):
    """What came of the calls to one version of a traffic.

    Attributes:
        version: its number.
        role: what it is.
        share: percent of the calls; 0 for a shadow.
        calls: that it was to answer.
        errors: those that failed; callers had the champion's answer.
        median: seconds that its model took; None without any.
        slow: of these, what 95 % of the calls were done in.
        compared: rows that the champion answered, too (a shadow: that it answered, too).
        agreement: the share of those with the same label; None for values, and without any.
        distance: on average; of probabilities half the sum of the differences, of values the
            difference.
        dropped: rows that were not compared, for there was no time.
    """

    version: int
    role: str
    share: int
    calls: int
    errors: int
    median: float | None
    slow: float | None
    compared: int
    agreement: float | None
    distance: float | None
    dropped: int


class Shown(msgspec.Struct, kw_only=True):
    """An alias's traffic, and what came of it so far."""

    model: str
    alias: str
    version: int
    shares: dict[int, int]
    shadows: list[int]
    bounds: Bounds
    spread: Spread
    reason: str
    by: str
    at: dt.datetime
    measured: list[Measured]


class Sharing:
    """What the registry does about traffic.

    Args:
        store: the documents.
        clock: tells when something happens.
    """

    def __init__(self, store: ModelStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def shown(self, place: Place, alias: str) -> tuple[Model, Shown]:
        """Return an alias's traffic with its model; raises NotFound."""
        check_name("model", place.name)
        model = self._store.model(place)
        aliased(model, alias)
        if alias not in model.traffic:
            raise rules.no_traffic(alias)
        return model, self._shown(place, model, alias)

    def share_out(
        self, place: Place, alias: str, wanted: rules.Wanted, caller: Caller, if_match: IfMatch
    ) -> tuple[Model, Shown]:
        """Share an alias's calls out; raises NotFound, Invalid, Conflict or Stale."""
        check_name("model", place.name)
        act, ident = self._act(caller), secrets.token_hex(8)
        versions = self._versions(place, alias, wanted)

        def decide(model: Model) -> Changed | None:
            check_match(if_match, model.revision, f"Model '{model.name}'")
            champion = aliased(model, alias)
            if champion not in versions:  # promoted just now
                versions[champion] = self._store.version(place, champion)
            return rules.share_out(model, alias, wanted, versions, act, ident)

        model = self._store.change(place, decide)
        return model, self._shown(place, model, alias)

    def end(self, place: Place, alias: str, caller: Caller, if_match: IfMatch) -> Model:
        """Let all calls go to what the alias names; raises NotFound or Stale."""
        check_name("model", place.name)
        act = self._act(caller)

        def decide(model: Model) -> Changed:
            check_match(if_match, model.revision, f"Model '{model.name}'")
            return rules.end(model, alias, act)

        return self._store.change(place, decide)

    def count(self, place: Place, alias: str, counted: Counted) -> None:
        """Add what a replica counted, once; end the traffic if a challenger fails by it.

        What is told of traffic that is no more is passed over. Raises NotFound without a model.
        """
        check_name("model", place.name)
        now = self._clock.now()
        ended: list[str] = []

        def count(model: Model, sums: Sums | None) -> tuple[Sums, Changed | None] | None:
            ended.clear()
            traffic = model.traffic.get(alias)
            if traffic is None or traffic.id != counted.traffic:
                return None
            added = with_counted(sums, counted, now)
            if added is None:
                return None
            because = breach(traffic, added.tallies)
            if because is None:
                return added, None
            ended.append(because)
            return added, rules.end(model, alias, Act(MODELS, "", now), because)

        self._store.count(place, alias, count)
        for because in ended:
            log.warning("traffic ended", model=place.name, alias=alias, reason=because)

    def _versions(self, place: Place, alias: str, wanted: rules.Wanted) -> dict[int, Version]:
        """Read what is wanted, before the transaction: versions do not change."""
        model = self._store.model(place)
        aliased(model, alias)
        for number in wanted.versions:
            if not model.has(number):
                raise no_version(model.name, number)
        return {number: self._store.version(place, number) for number in wanted.versions}

    def _shown(self, place: Place, model: Model, alias: str) -> Shown:
        traffic = model.traffic[alias]
        sums = self._store.sums(place, alias)
        told = sums.tallies if sums is not None and sums.traffic == traffic.id else {}
        task_has_labels = model.task != "regression"
        versions = sorted({*traffic.shares, *traffic.shadows})
        return Shown(
            model=model.name,
            alias=alias,
            version=traffic.champion,
            shares=traffic.shares,
            shadows=traffic.shadows,
            bounds=traffic.bounds,
            spread=traffic.spread,
            reason=traffic.reason,
            by=traffic.by,
            at=traffic.at,
            measured=[
                _measured(traffic, one, told.get(one, Tally()), labels=task_has_labels)
                for one in versions
            ],
        )

    def _act(self, caller: Caller) -> Act:
        return Act(caller.name, caller.account, self._clock.now())


def _measured(traffic: Traffic, version: int, tally: Tally, *, labels: bool) -> Measured:
    role = "challenger" if version in traffic.shares else "shadow"
    compared = tally.compared
    return Measured(
        version=version,
        role="champion" if version == traffic.champion else role,
        share=traffic.shares.get(version, 0),
        calls=tally.calls,
        errors=tally.errors,
        median=quantile(tally.times, 0.5),
        slow=quantile(tally.times, 0.95),
        compared=compared,
        agreement=tally.agreed / compared if labels and compared else None,
        distance=tally.apart / compared if compared else None,
        dropped=tally.dropped,
    )
