"""Firestore: one client a process, made on first use (a gRPC channel does not survive a fork)."""

import datetime as dt
import functools
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from functions.kit.adapters.config import project_id
from functions.kit.adapters.once import Once
from functions.kit.adapters.stores import traced_firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.google_clients import (
    credentials,
    exceptions,
    firebase,
    firebase_credentials,
    firebase_firestore,
    firestore,
    retry,
)

T = TypeVar("T")

# How often a transaction is tried when others keep changing what it reads.
ATTEMPTS = 20


class Patience(Mapping[str, Any]):
    """The options of a call that gives up after so many seconds: `.get(**PATIENCE)`.

    They are made by the first call, for the client is imported then.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @functools.cached_property
    def _options(self) -> dict[str, Any]:
        again = retry.Retry(
            predicate=retry.if_exception_type(exceptions.ServiceUnavailable),
            initial=0.05,
            maximum=1.0,
            timeout=self._seconds,
        )
        return {"timeout": self._seconds, "retry": again}

    def __getitem__(self, name: str) -> Any:
        return self._options[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)


# Without these the client would wait 300 s for a service that is away: give up sooner, so that
# the caller gets a clear error. Pass them to every call.
PATIENCE = Patience(10.0)


@Once
def client() -> Any:
    """Return this process's Firestore client; honours FIRESTORE_EMULATOR_HOST."""
    project = project_id(os.environ)
    if "FIRESTORE_EMULATOR_HOST" in os.environ:
        credential = credentials.AnonymousCredentials()
    else:
        credential = firebase_credentials.ApplicationDefault()
    # firebase-admin keeps its apps by name, over a fork and over a failure too.
    name = f"mayfly-{os.getpid()}"
    app = firebase.initialize_app(credential, {"projectId": project}, name)
    try:
        made = firebase_firestore.client(app)
        _be_patient(made)
        traced_firestore.trace(made._firestore_api)  # noqa: SLF001 - as in _be_patient
    except Exception:
        firebase.delete_app(app)
        raise
    return made


def _be_patient(made: Any) -> None:
    """Give a transaction's own calls PATIENCE: the client has no way to pass it to them."""
    api = made._firestore_api  # noqa: SLF001 - see above
    for name in ("begin_transaction", "commit", "rollback"):
        setattr(api, name, functools.partial(getattr(api, name), **PATIENCE))


def plain(value: Any) -> Any:
    """Return what Firestore gave with its own kind of time as a plain datetime, all the way down.

    msgspec neither encodes nor converts subclasses of datetime.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dt.datetime):  # not by `timestamp`: a float loses microseconds
        return dt.datetime.combine(value.date(), value.time(), dt.UTC)
    return value


@translated()
def transact(work: Callable[[Any], T]) -> T:
    """Run `work(transaction)`, again when what it read was changed meanwhile, and commit.

    Raises:
        NoRoom: Firestore takes no more.
        Away: Firestore does not answer, or others kept changing what it reads.
    """
    try:
        done: T = firestore.transactional(work)(client().transaction(max_attempts=ATTEMPTS))
    except ValueError as error:
        # So the client says that every try was aborted, and that there is nothing to roll back
        # where even the beginning failed.
        reason = error.__cause__ or error.__context__
        if isinstance(reason, exceptions.GoogleAPIError):
            raise reason from None
        raise
    return done
