"""What a preview says of each column: its decisions with reasons, and what may be said of it."""

from functions.datasets.model.detection import roles
from functions.datasets.model.reading import reasons
from functions.datasets.model.reading.columns import Decided
from functions.datasets.model.reading.previews import ColumnPreview, Decision, Example, Offer
from functions.datasets.model.reading.shapes import Reading
from functions.datasets.model.reading.spellings import NUMERIC
from functions.kit.contract.wording import counted

EXAMPLES = 5


def decimal(reading: Reading) -> Decision:
    """Return the decision on the decimal mark of the file."""
    mark = reading.dialect.decimal
    numeric = [one for one in reading.columns if one.kind in NUMERIC]
    alike = [one for one in numeric if one.decimal in {None, mark}]
    share = len(alike) / len(numeric) if numeric else 1.0
    why = "most columns of numbers are written so" if numeric else "there are no numbers"
    return Decision("decimal", mark, share if numeric else 0.5, why, share)


def column(one: Decided, *, is_last: bool) -> ColumnPreview:
    """Return what is said of a column."""
    choice = one.choice
    decisions = [_kind(one), *_spelling(one), _missing(one), _role(one, is_last=is_last)]
    return ColumnPreview(
        name=one.name,
        kind=choice.kind,
        role=one.role,
        decisions=decisions,
        missing=one.missing,
        different=len(one.seen.distinct),
        examples=[word[:80] for word in list(one.seen.distinct)[:EXAMPLES]],
        warnings=reasons.warnings(one.seen, choice),
    )


def _kind(one: Decided) -> Decision:
    choice = one.choice
    shown = choice if choice.near is None else choice.near
    share = choice.fits / choice.values if choice.values else 1.0
    examples = [Example(row, value) for row, value in shown.misfits[:EXAMPLES]]
    sure = 1.0 if one.said.kind else 0.5 if choice.others or choice.near else 0.95
    return Decision("kind", choice.kind, sure, reasons.of_kind(choice), share, examples)


def _spelling(one: Decided) -> list[Decision]:
    spelling, choice = one.choice.spelling, one.choice
    sure = 0.5 if choice.others else 0.95
    share = choice.fits / choice.values if choice.values else 1.0
    why = f"each value is {reasons.spelled(spelling)}"
    if choice.others:
        why += "; so is " + " and ".join(reasons.spelled(other) for other in choice.others)
    if spelling.date_format:
        return [Decision("date_format", spelling.date_format, sure, why, share)]
    if spelling.kind not in NUMERIC:
        return []
    marks = zip(("decimal", "thousands", "unit"), spelling.marks, strict=True)
    return [Decision(what, value, sure, why, share) for what, value in marks if value]


def _missing(one: Decided) -> Decision:
    words = sorted(one.choice.missing)
    cells = one.seen.blank + one.seen.present
    share = one.missing / cells if cells else 0.0
    why = counted(one.seen.blank, "empty cell")
    if words:
        why += "; " + ", ".join(f"{word!r} in {one.choice.missing[word]:,}" for word in words)
    return Decision("missing", words, 1.0 if one.said.missing else 0.9, why, share)


def _role(one: Decided, *, is_last: bool) -> Decision:
    proposal = roles.proposed(one.name, one.choice.kind, is_last=is_last)
    why = one.role_reason
    if one.said.role is None and proposal and one.role == "feature":
        why = f"{why}; it may be the {proposal[0]}: {proposal[1]}"
    sure = 1.0 if one.said.role else 0.9 if one.role != "feature" else 0.6
    return Decision("role", one.role, sure, why)


def offers(one: Decided, *, is_last: bool = False) -> list[Offer]:
    """Return what somebody may say of a column, and nobody did."""
    return [*_missing_offers(one), *_role_offers(one, is_last=is_last)]


def _missing_offers(one: Decided) -> list[Offer]:
    choice = one.choice
    words = list(reasons.sentinels(one.seen, choice)) if one.said.missing is None else []
    if choice.near is not None and one.said.kind is None:
        misfits = {value.strip() for _, value in choice.near.misfits}
        words += sorted(word for word in misfits if not any(map(str.isdigit, word)))
    gone = sorted(choice.missing)
    return [
        Offer(
            "missing",
            one.name,
            f"does {word!r} mean missing?",
            {"columns": [{"source": one.source, "missing": [*gone, word]}]},
        )
        for word in words[:EXAMPLES]
    ]


def _role_offers(one: Decided, *, is_last: bool) -> list[Offer]:
    proposal = roles.proposed(one.name, one.choice.kind, is_last=is_last)
    if proposal is None or one.said.role is not None or one.role != "feature":
        return []
    role, why = proposal
    said = {"columns": [{"source": one.source, "role": role}]}
    return [Offer("role", one.name, f"is it the {role}? ({why})", said)]
