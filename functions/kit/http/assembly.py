"""Puts a function together: settings, access, logs."""

from functions.kit.adapters import logs
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.firestore_identities import find
from functions.kit.adapters.identities import Identities
from functions.kit.http import wsgi
from functions.kit.http.api import Api
from functions.kit.http.auth import Access


def new_api(name: str, summary: str, settings: Settings) -> Api:
    """Return an API without routes, guarded by stored credentials and the step secret."""
    logs.setup(name)
    identities = Identities(find, settings.first_key, kept_for=settings.identities_kept)
    guard = Access(name, settings.step_secret, identities.of)
    base_path = FunctionAddresses.from_env().base_path(name)
    api = Api(name, summary, guard, settings.max_json_bytes, base_path)
    wsgi.answer_unrouted(api)
    return api
