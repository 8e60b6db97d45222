"""Queries of the official client, and indexes in short: `a+ b- tags@ emb<3>` of `c`, or of `c*`."""

import re

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.fields import NAME
from emulators.firestore.model.indexing.definitions import Column, Mode, all_columns, define
from emulators.firestore.model.indexing.needs import index_for, needs_of
from emulators.firestore.model.indexing.selection import Indexes
from emulators.firestore.model.query import compile_query

CLIENT = firestore.Client(project="p", credentials=AnonymousCredentials())
C, GROUP = CLIENT.collection("c")._query(), CLIENT.collection_group("c")
UP, DOWN = "ASCENDING", "DESCENDING"
_MODES = {"+": Mode.ASCENDING, "-": Mode.DESCENDING, "@": Mode.CONTAINS}
_COLUMN = re.compile(r"(.+?)([-+@]|<(\d+)>)")


def where(query, *filters):
    """The query with `(field, operator, value)` filters."""
    for field, operator, value in filters:
        query = query.where(filter=FieldFilter(field, operator, value))
    return query


def equal(query, *fields):
    return where(query, *((field, "==", 1) for field in fields))


def order(query, *columns):
    for column in columns:
        query = query.order_by(column[:-1], direction=UP if column[-1] == "+" else DOWN)
    return query


def compiled(query, *aggregated):
    message = query._to_protobuf()._pb
    return compile_query(message, (), {field_paths.parse(one) for one in aggregated})


def index(text):
    """`c* a+ b-` is an index of the collection group c with a ascending and b descending."""
    collection, *columns = text.split()
    parsed = [_column(one) for one in columns]
    name = parsed.pop().mode if parsed and parsed[-1].path == NAME else None
    group = collection.endswith("*")
    return define(collection.removesuffix("*"), parsed, group=group, name=name)


def _column(text):
    path, mode, dimension = _COLUMN.fullmatch(text).groups()
    if dimension:
        return Column(field_paths.parse(path), Mode.VECTOR, int(dimension))
    return Column(field_paths.parse(path), _MODES[mode])


def short(definition):
    """The text of an index, always with the name where there is no vector."""
    marks = {mode: mark for mark, mode in _MODES.items()}
    has_vector = any(column.mode is Mode.VECTOR for column in definition.columns)
    columns = definition.columns if has_vector else all_columns(definition)
    words = [f"{one.text}{marks.get(one.mode) or f'<{one.dimension}>'}" for one in columns]
    return " ".join([definition.collection + "*" * definition.group, *words])


def missing(query, declared=(), overrides=None, aggregated=()):
    """The indexes that the query needs and that are not there."""
    indexes = Indexes(map(index, declared), overrides)
    needs = needs_of(compiled(query, *aggregated))
    lacking = [need for need in needs if indexes.serving(need) is None]
    return [short(index_for(need)) for need in lacking]


def used(query, declared=(), overrides=None):
    """What serves each alternative of the query; None where nothing does."""
    indexes = Indexes(map(index, declared), overrides)
    found = [indexes.serving(need) for need in needs_of(compiled(query))]
    return [one and [short(index) for index in one] for one in found]
