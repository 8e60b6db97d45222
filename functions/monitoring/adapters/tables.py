"""Predictions as tables: a column for each input and each label's probability, of its values' type.

Column by column is how drift is looked for. A column's type follows from its values; what numbers
and texts both are in becomes text.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.sensitive import text_of
from functions.kit.contract.telemetry.predictions import Output, Prediction
from functions.kit.lazy import Lazy
from functions.monitoring.model.logged import Logged

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import compute
else:
    pa = Lazy("pyarrow")
    compute = Lazy("pyarrow.compute")

INPUT, PROBABILITY = "input:", "probability:"
"""What the names of such columns begin with."""
NEWEST_FIRST = [("at", "descending"), ("id", "descending")]


def table_of(found: Sequence[Logged]) -> "pa.Table":
    """Return predictions as a table, in their order."""
    told = [one.told for one in found]
    outputs = [one.output for one in told]
    columns = {
        "at": pa.array([one.at for one in found], pa.timestamp("us", tz="UTC")),
        "id": pa.array([one.id for one in found], pa.string()),
        "version": pa.array([one.version for one in told], pa.int32()),
        "alias": pa.array([one.alias for one in told], pa.string()),
        "why": pa.array([one.why for one in told], pa.string()),
        "caller": pa.array([one.caller for one in told], pa.string()),
        "account": pa.array([one.account for one in told], pa.string()),
        "uid": pa.array([one.uid for one in told], pa.string()),
        "elapsed": pa.array([one.elapsed for one in told], pa.int64()),
        "predicted": pa.array([one.label for one in outputs], pa.string()),
        "probability": pa.array([one.probability for one in outputs], pa.float64()),
        "value": pa.array([one.value for one in outputs], pa.float64()),
        "spread": pa.array([one.spread for one in outputs], pa.float64()),
    }
    columns |= _spread([one.probabilities or {} for one in outputs], PROBABILITY)
    columns |= _spread([one.inputs for one in told], INPUT)
    return pa.table(columns)


def predictions_of(table: "pa.Table", model: Place) -> list[Logged]:
    """Return the predictions in a table of a model's."""
    times = table["at"].cast(pa.int64())
    plain = table.set_column(table.schema.get_field_index("at"), "at", times)
    return [_prediction(row, model) for row in plain.to_pylist()]


def joined(tables: Sequence["pa.Table"]) -> "pa.Table":
    """Return tables as one, whose columns are those of all; each prediction once, newest first."""
    schema = unified([table.schema for table in tables])
    whole = pa.concat_tables([as_schema(table, schema) for table in tables])
    return _each_once(whole.sort_by(NEWEST_FIRST))


def unified(schemas: Sequence["pa.Schema"]) -> "pa.Schema":
    """Return the columns of all, each of a type that its values of all fit: texts in the end."""
    fields: dict[str, pa.Field] = {field.name: field for field in table_of([]).schema}
    for field in (one for schema in schemas for one in schema):
        known = fields.get(field.name)
        fields[field.name] = field if known is None else _wider(known, field)
    return pa.schema(list(fields.values()))


def as_schema(table: "pa.Table", schema: "pa.Schema") -> "pa.Table":
    """Return a table with the columns of a schema, empty where it has none."""
    columns = [
        table[field.name].cast(field.type, safe=False)  # what a float64 rounds is a float64
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _wider(one: "pa.Field", other: "pa.Field") -> "pa.Field":
    """Return a column's field that has room for the values of two."""
    try:
        return pa.unify_schemas(
            [pa.schema([one]), pa.schema([other])], promote_options="permissive"
        ).field(0)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return one.with_type(pa.string())


def _spread(rows: Sequence[dict[str, Any]], prefix: str) -> "dict[str, pa.Array]":
    names = dict.fromkeys(name for row in rows for name in row)
    return {f"{prefix}{name}": _typed([row.get(name) for row in rows]) for name in names}


def _typed(values: Sequence[Any]) -> "pa.Array":
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if one is None else text_of(one) for one in values], pa.string())


def _each_once(table: "pa.Table") -> "pa.Table":
    ids = table["id"].combine_chunks()
    if len(ids) < 2:
        return table
    differs = compute.not_equal(ids[1:], ids[:-1])
    return table.filter(pa.concat_arrays([pa.array([True]), differs]))


def _prediction(row: dict[str, Any], model: Place) -> Logged:
    chances = {
        name.removeprefix(PROBABILITY): value
        for name, value in row.items()
        if name.startswith(PROBABILITY) and value is not None
    }
    told = Prediction(
        workspace=model.workspace,
        model=model.name,
        version=row["version"],
        alias=row["alias"],
        why=row["why"],
        caller=row["caller"],
        account=row["account"],
        elapsed=row["elapsed"],
        inputs={
            name.removeprefix(INPUT): value for name, value in row.items() if name.startswith(INPUT)
        },
        uid=row.get("uid") or "",
        output=Output(
            row["predicted"], row["probability"], chances or None, row["value"], row.get("spread")
        ),
    )
    return Logged(row["at"], row["id"], told)
