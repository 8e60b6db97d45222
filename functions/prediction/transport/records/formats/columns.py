"""What forms of columns have in common: which columns there are, and rows of them."""

from collections import Counter
from collections.abc import Sequence

from functions.kit.contract.errors import Flaw, Unreadable, refused
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.decoding import MOST_FLAWS
from functions.prediction.model.options import Options
from functions.prediction.model.records import MOST_RECORDS, wrong_count
from functions.prediction.service.ports import Predictor


def check_count(rows: int) -> None:
    """Refuse no rows, or too many for one call."""
    if not 1 <= rows <= MOST_RECORDS:
        raise wrong_count(rows)


def check_names(
    names: Sequence[str], predictor: Predictor, options: Options
) -> tuple[dict[str, Column], list[str]]:
    """Return the columns that are known of those that a table has, and the names of others.

    Raises:
        Unreadable: a name is there twice.
        Invalid: one is unknown, and not to be ignored; or a column is lacking that all rows had
            when the model learnt.
    """
    columns = {column.name: column for column in predictor.version.signature.columns}
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise Unreadable(f"The column '{twice}' is there twice.", Flaw("twice", column=twice))
    unknown = [name for name in names if name not in columns]
    flaws = [
        Flaw(f"There is no such column; there are {', '.join(columns)}", column=name)
        for name in (unknown[:MOST_FLAWS] if options.unknown == "refuse" else ())
    ]
    flaws += [
        Flaw("The column is lacking; where its values are not known, leave them empty", column=name)
        for name, column in columns.items()
        if column.required and name not in names
    ]
    if flaws:
        raise refused("The table was refused", *flaws)
    return {name: columns[name] for name in names if name in columns}, unknown
