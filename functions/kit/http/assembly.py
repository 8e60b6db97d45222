"""Puts a function together: settings, access, logs, activity."""

import atexit
import functools
from typing import TYPE_CHECKING

from functions.kit.adapters import logs
from functions.kit.adapters.access.identities import Identities
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.identity import Identity
from functions.kit.contract.telemetry.activity import UNTOLD, Batch
from functions.kit.http import wsgi
from functions.kit.http.activity import Take
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.lazy import Lazy
from functions.kit.service.activity_log import ActivityLog

if TYPE_CHECKING:
    from functions.kit.adapters.access import firestore_identities
    from functions.kit.adapters.calls import activity_calls, function_calls
    from functions.kit.adapters.stores import untold
else:  # the first key needs no look, and a first answer is not told of before it went out
    firestore_identities = Lazy("functions.kit.adapters.access.firestore_identities")
    untold = Lazy("functions.kit.adapters.stores.untold")
    activity_calls = Lazy("functions.kit.adapters.calls.activity_calls")
    function_calls = Lazy("functions.kit.adapters.calls.function_calls")


def new_api(name: str, summary: str, settings: Settings) -> Api:
    """Return an API without routes, guarded by stored credentials and the step secret."""
    logs.setup(name)
    identities = Identities(_find, settings.first_key, kept_for=settings.identities_kept)
    guard = Access(name, settings.step_secret, identities.of)
    addresses = FunctionAddresses.from_env()
    base_path = addresses.base_path(name)
    note = _noting(name, settings, addresses) if settings.activity else None
    api = Api(name, summary, guard, settings.max_json_bytes, base_path, note)
    wsgi.answer_unrouted(api)
    return api


def _find(collection: str, digest: str) -> Identity | None:
    return firestore_identities.find(collection, digest)


def _noting(name: str, settings: Settings, addresses: FunctionAddresses) -> Take:
    """Return what takes notes of requests; what is left is put aside when the process ends."""

    @functools.cache
    def calls() -> "activity_calls.ActivityCalls":
        return activity_calls.ActivityCalls(function_calls.Calls(name, settings, addresses))

    def put_aside(batches: list[Batch]) -> None:
        untold.Untold(UNTOLD, Batch, Files(settings)).keep(name, batches)

    log = ActivityLog(lambda batch, within: calls().send(batch, within), put_aside)
    atexit.register(log.close)
    return log.note
