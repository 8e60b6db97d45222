"""An alias's calls are shared out among versions: what may be wanted, and what becomes of it."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from functions.kit.contract.errors import Conflict, Flaw, NotFound, refused
from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.models.traffic import (
    MOST_SHADOWS,
    MOST_SHARES,
    PERCENT,
    Bounds,
    Share,
    Spread,
    Traffic,
)
from functions.models.model.aliases import Act, Change, Changed, aliased, changed, no_version
from functions.models.model.lines import clashes


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an alias's calls shall be shared out.

    Attributes:
        shares: version → percent; together 100, the version that the alias names among them.
        shadows: versions that answer behind the callers' backs, for comparison.
        bounds: what ends it by itself.
        spread: "callers" stick to a version; with "calls", each call falls anew that names no key.
        reason: why, for the history.
    """

    shares: dict[Annotated[int, msgspec.Meta(ge=1)], Share]
    shadows: list[Annotated[int, msgspec.Meta(ge=1)]] = []
    bounds: Bounds = Bounds()
    spread: Spread = "callers"
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""

    @property
    def versions(self) -> list[int]:
        """All versions that it sends calls to."""
        return sorted({*self.shares, *self.shadows})


def share_out(
    model: Model, alias: str, wanted: Wanted, versions: Mapping[int, Version], act: Act, ident: str
) -> Changed | None:
    """Share an alias's calls out; None when they are shared out so already.

    Args:
        model: as it is.
        alias: whose calls.
        wanted: how.
        versions: what is wanted, by number.
        act: who wants it.
        ident: of the new traffic; what was counted of an earlier one ends.

    Raises:
        NotFound: there is no such alias or version.
        Invalid: the shares make no whole.
        Conflict: callers of the alias would stumble over a version.
    """
    champion = aliased(model, alias)
    gone = [number for number in wanted.versions if not model.has(number)]
    if gone:
        raise no_version(model.name, gone[0])
    flaws = list(_flaws(wanted, champion))
    if flaws:
        raise refused(f"The traffic of '{alias}' was refused", *flaws, noun="field")
    for number in wanted.versions:
        _check_fits(versions[number], versions[champion])
    before = model.traffic.get(alias)
    if before is not None and _as_wanted(before) == wanted:
        return None
    traffic = Traffic(
        id=ident,
        champion=champion,
        **msgspec.structs.asdict(wanted),
        slots=slots(before.slots if before else [champion] * PERCENT, wanted.shares),
        by=act.by,
        at=act.at,
    )
    line = act.line("set traffic", alias=alias, after=champion, traffic=_told(wanted))
    return changed(model, act, traffic={**model.traffic, alias: traffic}), line


def end(model: Model, alias: str, act: Act, because: str | None = None) -> Changed:
    """Let all calls of an alias go to the version that it names.

    Raises:
        NotFound: they do.
    """
    aliased(model, alias)
    if alias not in model.traffic:
        raise no_traffic(alias)
    now = model.aliases[alias]
    line: Change = act.line("end traffic", alias=alias, after=now, traffic={}, because=because)
    traffic = {name: one for name, one in model.traffic.items() if name != alias}
    return changed(model, act, traffic=traffic), line


def no_traffic(alias: str) -> NotFound:
    """Return the error for traffic that is not there."""
    return NotFound(f"All calls of alias '{alias}' go to the version that it names.")


def slots(before: list[int], shares: Mapping[int, int]) -> list[int]:
    """Return each hundredth's version, so that no more of them change than must.

    Args:
        before: as it was, [100].
        shares: percent by version; they make a hundred.
    """
    missing = [
        version
        for version, share in sorted(shares.items())
        for _ in range(share - before.count(version))
    ]
    after = list(before)
    left = {version: before.count(version) - shares.get(version, 0) for version in before}
    for place, version in enumerate(before):
        if left[version] > 0:
            left[version] -= 1
            after[place] = missing.pop(0)
    return after


def _flaws(wanted: Wanted, champion: int) -> Iterator[Flaw]:
    total = sum(wanted.shares.values())
    if total != PERCENT:
        yield Flaw(f"Together they are {total} %, not {PERCENT} %", column="shares")
    if champion not in wanted.shares:
        reason = f"Version {champion}, which the alias names, has none; promote another one instead"
        yield Flaw(reason, column="shares")
    if len(wanted.shares) > MOST_SHARES:
        yield Flaw(f"At most {MOST_SHARES} versions share the calls", column="shares")
    if len(wanted.shadows) > MOST_SHADOWS:
        yield Flaw(f"At most {MOST_SHADOWS} versions are shadows", column="shadows")
    if len(set(wanted.shadows)) < len(wanted.shadows) or set(wanted.shadows) & set(wanted.shares):
        yield Flaw("A version is named once, in shares or in shadows", column="shadows")
    if len(wanted.versions) < 2:
        yield Flaw("There is no other version; to have it so, end the traffic", column="shares")


def _check_fits(version: Version, champion: Version) -> None:
    """Refuse a version that does not take what the champion takes; raises Conflict."""
    if version.line != champion.line:
        raise Conflict(
            f"Version {version.version} is of another line than version {champion.version}: "
            "their callers send and read other things."
        )
    flaws = list(clashes(champion, version))
    if flaws:
        column = f"column '{flaws[0].column}': " if flaws[0].column else ""
        raise Conflict(
            f"Version {version.version} cannot take calls of version {champion.version}: "
            f"{column}{flaws[0].reason}.",
            *flaws,
        )


def _as_wanted(traffic: Traffic) -> Wanted:
    return Wanted(**{name: getattr(traffic, name) for name in Wanted.__struct_fields__})


def _told(wanted: Wanted) -> dict[str, object]:
    """Return what the history says of it."""
    told = msgspec.to_builtins(wanted, str_keys=True)
    return {name: told[name] for name in ("shares", "shadows", "bounds", "spread", "reason")}
