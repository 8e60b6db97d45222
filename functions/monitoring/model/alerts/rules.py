"""Rules: when a measure of a model's windows is out of order, who hears of it, what is done."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.measures.names import EVERY
from functions.monitoring.model.alerts import measure_words
from functions.monitoring.model.alerts.acts import Act
from functions.monitoring.model.alerts.conditions import Condition, Worse, flaw_of
from functions.monitoring.model.alerts.moments import in_utc
from functions.monitoring.model.alerts.points import AGE, OPERATIONS
from functions.monitoring.model.quality.concept import CONCEPT
from functions.monitoring.model.quality.summary import OFF, SLICE
from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.measures import CALLS
from functions.monitoring.model.windows.window import Span

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
MOST_RULES = 100
"""Of a model."""
MOST_CHANNELS, MOST_ACTS = 10, 5
_OTHERS = (measures.REFUSED, measures.COLD_STARTS, measures.DRIFT, measures.COVERAGE)
_PLAIN = frozenset((CALLS, AGE, *OPERATIONS, *_OTHERS, CONCEPT))
_BY_OTHERS = (measures.COVERAGE, SLICE, measures.PROBABILITY)
"""Of levels, slices, and what the model gave."""
_BY_METRIC = (measures.QUALITY, measures.ESTIMATED)
"""What training measures, too: an estimate's error, it does not."""
_MEASURE = re.compile(r"([a-z_0-9]+)(?::(.{1,200}))?", re.DOTALL)


class RuleSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody says of a rule.

    Attributes:
        name: what people call it.
        measure: any of a window: `drift`, `drift:{column}`, `drift:prediction`, `drift:together`,
            `drift:explanations`, `psi:{column}`, `missing:{column}`, `new_words:{column}`,
            `out_of_range:{column}`, `mistyped:{column}`, `explains:{column}`,
            `probability:prediction`, `quality:{metric}`, `estimated:{metric}`,
            `estimate_off:{metric}`, `concept`, `coverage`, `coverage:{level}`, `slice:{part}`,
            `calls`, `errors`, `error_rate`, `refused`, `quota_hits`, `cold_starts`, `p50`, `p95`,
            `p99`; or `age`: days since the newest version was made.
        version: that it looks at; null for the model's champion.
        span: of the windows.
        condition: when a window is out of order.
        for_windows: how many in a row have to be, until it fires.
        clear_windows: how many in a row have to be in order, until that is over.
        severity: how bad that is.
        cooldown_minutes: after one notice the next one of it waits so long; so do its acts.
        silenced_until: nobody hears of it, and nothing is done, before then.
        channels: that are told; null for those that are everybody's.
        acts: what is done when it fires, one after the other.
        enabled: whether it is looked at.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    measure: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    span: Span = "hour"
    condition: Condition
    for_windows: Annotated[int, msgspec.Meta(ge=1, le=200)] = 1
    clear_windows: Annotated[int, msgspec.Meta(ge=1, le=200)] = 1
    severity: Severity = "warning"
    cooldown_minutes: Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 30)] = 60
    silenced_until: dt.datetime | None = None
    channels: (
        Annotated[
            list[Annotated[str, msgspec.Meta(max_length=100)]],
            msgspec.Meta(max_length=MOST_CHANNELS),
        ]
        | None
    ) = None
    acts: Annotated[list[Act], msgspec.Meta(max_length=MOST_ACTS)] = []
    enabled: bool = True

    @property
    def told(self) -> str:
        """What it looks for, in words."""
        times = measure_words.windows(self.for_windows, self.span)
        return f"{measure_words.label(self.measure)} {self.condition.told}, {times}"

    @property
    def looks_at(self) -> tuple[object, ...]:
        """What makes it another rule when it changes: what it found before says nothing then."""
        return self.measure, self.version, self.span, self.condition, self.enabled


class Rule(RuleSpec, frozen=True, kw_only=True):
    """A rule of a model.

    Attributes:
        id: in its model.
        revision: raised by each edit; the entity tag.
        by: who wrote it last; `monitoring` where it came with the model.
    """

    id: str
    revision: int = 1
    by: str
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def cooldown(self) -> dt.timedelta:
        """How long the next notice waits after one."""
        return dt.timedelta(minutes=self.cooldown_minutes)


def made(spec: RuleSpec, ident: str, by: str, now: dt.datetime) -> Rule:
    """Return a new rule."""
    fields = msgspec.structs.asdict(spec)
    return Rule(**fields, id=ident, by=by, created_at=now, updated_at=now)


def changed(rule: Rule, spec: RuleSpec, by: str, now: dt.datetime) -> Rule:
    """Return a rule as it is after an edit."""
    fields = {name: getattr(spec, name) for name in RuleSpec.__struct_fields__}
    return msgspec.structs.replace(
        rule, **fields, revision=rule.revision + 1, by=by, updated_at=now
    )


def spec_of(rule: Rule) -> RuleSpec:
    """Return what was said of a rule."""
    return RuleSpec(**{name: getattr(rule, name) for name in RuleSpec.__struct_fields__})


def check(spec: RuleSpec) -> None:
    """Refuse a rule that cannot be; raises Invalid with each flaw."""
    flaws = list(_flaws(spec))
    if flaws:
        raise refused("The rule was refused", *flaws, noun="field")


def metric_of(measure: str) -> str | None:
    """Return the metric that a measure of quality is of; None for other measures."""
    kind, _, rest = measure.partition(":")
    return rest if kind in _BY_METRIC else None


def _flaws(spec: RuleSpec) -> Iterator[Flaw]:
    yield from _of_measure(spec.measure)
    reason = flaw_of(spec.condition)
    if reason is not None:
        yield Flaw(reason, column="condition")
    if isinstance(spec.condition, Worse) and metric_of(spec.measure) is None:
        reason = "`worse` compares with training, which knows `quality:…` and `estimated:…` alone"
        yield Flaw(reason, column="condition", value=spec.measure[:100])
    if spec.measure == CALLS and spec.span == "count":
        yield Flaw(
            "Expected a span by time: windows by count have as many calls as any", column="span"
        )
    if spec.silenced_until is not None and in_utc(spec.silenced_until) is None:
        yield Flaw(
            "Expected a moment with its offset: 2026-01-31T12:00:00Z", column="silenced_until"
        )
    if spec.channels is not None and len(set(spec.channels)) < len(spec.channels):
        yield Flaw("Expected each channel once", column="channels")


def _of_measure(measure: str) -> Iterator[Flaw]:
    found = _MEASURE.fullmatch(measure)
    kind, of = (found[1], found[2]) if found else ("", None)
    if measure in _PLAIN or (kind in (*measures.OF_COLUMNS, *_BY_OTHERS) and of):
        return
    metrics_of = (*_BY_METRIC, OFF)
    if kind in metrics_of:
        if of not in EVERY:
            metrics = ", ".join(sorted(EVERY))
            yield Flaw(f"no metric of ours; there are {metrics}", column="measure", value=measure)
        return
    known = [*sorted(_PLAIN), *(f"{one}:COLUMN" for one in measures.OF_COLUMNS)]
    known += [f"{one}:METRIC" for one in metrics_of]
    yield Flaw(f"no measure; there are {', '.join(known)}", column="measure", value=measure[:100])
