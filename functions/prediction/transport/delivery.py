"""What callers say of when their predictions are to be logged."""

from typing import Annotated

from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.http.requests.plain import Asked
from functions.kit.http.routing.routes import Header
from functions.prediction.model.delivery import BEFORE_ANSWER, USUAL, is_before_answer

HEADER = "X-Delivery"
FIELD = "HTTP_X_DELIVERY"
"""The same, by its name in WSGI."""

Deliverable = Annotated[Asked, Header(HEADER)]
"""A request whose predictions may be wanted on disk before it is answered."""


def asked(request: Asked) -> bool:
    """Tell whether a request's predictions are to be on disk before it is answered.

    Raises:
        Unreadable: it says something else.
    """
    said = request.environ.get(FIELD)
    return False if said is None else read(said)


def read(said: str) -> bool:
    """As `asked`, of what a header or gRPC's metadata say."""
    try:
        return is_before_answer(said)
    except ValueError as error:
        reason = f"it is {USUAL} or {BEFORE_ANSWER}, not {said[:60]!r}"
        raise Unreadable(f"{HEADER}: {reason}.", Flaw(reason, column=HEADER)) from error
