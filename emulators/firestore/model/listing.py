"""ListDocuments and ListCollectionIds: their orders and page tokens (contract 1.2)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.filters import Composite
from emulators.firestore.model.protocol import StructuredQuery
from emulators.firestore.model.query import Query, effective_orders
from emulators.firestore.model.scope import Scope

_DIRECTIONS = {"": 1, "asc": 1, "desc": 2}


def compile_listing(request: Any, parent: paths.Segments) -> Query:
    """Turn a ListDocumentsRequest into the query for what follows its page token."""
    scope = Scope(paths.key(parent), request.collection_id or None, descendants=False)
    everything = Composite(every=True, filters=())
    orders = effective_orders(list(_orders(request.order_by)), everything)
    query = Query(scope=scope, where=everything, orders=orders)
    return (
        replace(query, start=read_token(request.page_token) + b"\x00")
        if request.page_token
        else query
    )


def _orders(text: str) -> Any:
    for part in filter(None, (part.strip() for part in text.split(","))):
        path, _, direction = part.partition(" ")
        if direction.strip().lower() not in _DIRECTIONS:
            raise InvalidArgumentError(f'Invalid order by clause "{text}".')
        field_paths.parse(path)
        order = StructuredQuery.Order(direction=_DIRECTIONS[direction.strip().lower()])
        order.field.field_path = path
        yield order


def page_token(position: bytes) -> str:
    """Return the token of the page after a position."""
    return base64.urlsafe_b64encode(position).decode()


def read_token(token: str) -> bytes:
    """Return the position that a page token names."""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise InvalidArgumentError("invalid page token") from error
