"""Versions of one line take one another's place: what a caller sends and reads goes on to fit.

A version that breaks with its callers begins a line of its own, if that is asked for.
"""

from collections.abc import Iterator

from functions.kit.contract.errors import Conflict, Flaw
from functions.kit.contract.models.registration import Registration, Version
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column, Kind

# Values of the first kind are taken by a column of the second.
WIDER: frozenset[tuple[Kind, Kind]] = frozenset({("integer", "number"), ("category", "text")})
REMEDY = "ask for new_line to let the model go on in another way, or register under another name"


def line_of(newest: Version | None, registration: Registration) -> int:
    """Return the number of the line that a version is of; the first is 1.

    Args:
        newest: the newest version of the model that is there.
        registration: of the version.

    Raises:
        Conflict: callers of the line would break; it names each column, and the reason.
    """
    if newest is None:
        return 1
    if registration.new_line:
        return newest.line + 1
    flaws = list(clashes(newest, registration))
    if flaws:
        column = f"column '{flaws[0].column}': " if flaws[0].column else ""
        more = f" ({len(flaws) - 1} more in errors)" if len(flaws) > 1 else ""
        raise Conflict(
            f"The version does not fit version {newest.version} of '{newest.model}': "
            f"{column}{flaws[0].reason}{more}; {REMEDY}.",
            *flaws,
        )
    return newest.line


def clashes(old: Registration, new: Registration) -> Iterator[Flaw]:
    """Yield each thing that callers of `old` would stumble over."""
    if new.target != old.target:
        yield Flaw(f"it predicts '{new.target}', the model '{old.target}'", column=new.target)
    if new.task != old.task:
        yield Flaw(f"it is for {new.task}, the model for {old.task}", column=new.target)
    yield from _labels(old.signature, new.signature)
    yield from _columns(old.signature, new.signature)


def _labels(old: Signature, new: Signature) -> Iterator[Flaw]:
    if old.task != new.task or old.labels == new.labels:
        return
    gone = [label for label in old.labels if label not in new.labels]
    more = [label for label in new.labels if label not in old.labels]
    if gone:
        reason = f"it never answers {', '.join(gone)}, which the model does"
    elif more:
        reason = f"it answers {', '.join(more)}, which the model never does"
    else:
        reason = "its labels are in another order, and so are its probabilities"
    yield Flaw(reason, column=new.target)


def _columns(old: Signature, new: Signature) -> Iterator[Flaw]:
    """Yield what is wrong with the columns that a record may, or must, have."""
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name, column in before.items():
        if name not in after:
            yield Flaw("the model takes it, this version does not know it", column=name)
        elif reason := _narrower(column, after[name]):
            yield Flaw(reason, column=name)
    for name, column in after.items():
        if name not in before and column.required:
            yield Flaw("it is new and required; the model's callers do not send it", column=name)


def _narrower(old: Column, new: Column) -> str | None:
    if old.kind != new.kind and (old.kind, new.kind) not in WIDER:
        return f"it takes {new.kind}, the model {old.kind}"
    if new.required and not old.required:
        return "it is required, and may be missing in the model"
    return None
