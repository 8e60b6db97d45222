"""Does a registration fit together? What is refused here would fail at the first prediction."""

from collections.abc import Iterator

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Flaw, Invalid
from functions.kit.contract.models.registration import FILES, TEXTS, Registration, files_of
from functions.kit.contract.models.signature import Signature

# A version is one document, and Firestore takes 1 MiB.
MOST_BYTES = 1_000_000


def check_registration(model: Place, registration: Registration) -> None:
    """Refuse a registration whose parts contradict each other; raises Invalid with each.

    A file belongs to one model: with that one it is swept and deleted.
    """
    flaws = [*_flaws(registration.signature), *_origin_flaws(registration)]
    if registration.task != registration.signature.task:
        flaws.append(Flaw("Expected the task of the version", column="signature.task"))
    folder = files_of(model)
    for name in FILES:
        file = getattr(registration, name)
        if file is not None and not file.path.startswith(folder):
            flaws.append(Flaw(f"Expected an object name below {folder}", column=f"{name}.path"))
    size = sum(len(msgspec.json.encode(getattr(registration, name))) for name in TEXTS)
    if size > MOST_BYTES:
        reason = f"{', '.join(TEXTS)} take {size:,} bytes of {MOST_BYTES:,}; use fewer columns"
        flaws.append(Flaw(reason))
    if flaws:
        raise Invalid("The registration contradicts itself.", *flaws)


def _origin_flaws(registration: Registration) -> Iterator[Flaw]:
    """Yield what is wrong with where its answers come from: a file that learnt, or a function."""
    if (registration.file is None) == (registration.function is None):
        yield Flaw("Expected a file, or else a function", column="file")
    if registration.file is None:
        return
    for name in ("dataset", "snapshot"):
        if not getattr(registration, name):
            yield Flaw("Expected what the file was trained on", column=name)


def _flaws(signature: Signature) -> Iterator[Flaw]:
    columns = [column.name for column in signature.columns]
    inputs = [feature.input for feature in signature.features]
    if not inputs:
        yield Flaw("Expected at least one feature", column="signature.features")
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield Flaw("Expected each column once", column="signature.columns", value=name)
    for name in sorted({name for name in inputs if inputs.count(name) > 1}):
        yield Flaw("Expected each input once", column="signature.features", value=name)
    for feature in signature.features:
        if feature.column not in columns:
            reason = "Expected a column of the signature"
            yield Flaw(reason, column="signature.features", value=feature.column)
    yield from _label_flaws(signature)


def _label_flaws(signature: Signature) -> Iterator[Flaw]:
    count = len(signature.labels)
    if len(set(signature.labels)) < count:
        yield Flaw("Expected each label once", column="signature.labels")
    wanted = {"binary": count == 2, "multiclass": count > 2, "regression": count == 0}
    if not wanted[signature.task]:
        reason = "Expected 2 labels (binary), more (multiclass) or none (regression)"
        yield Flaw(reason, column="signature.labels", value=str(count))
