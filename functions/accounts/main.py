"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.adapters.firestore_keys import FirestoreKeys
from functions.accounts.service.keys import Keys
from functions.accounts.transport import keys, me
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api

SETTINGS, CLOCK = Settings.from_env(), SystemClock()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
me.add(API)
keys.add(API, Keys(FirestoreKeys(SETTINGS.first_key), CLOCK, SETTINGS.step_secret))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
