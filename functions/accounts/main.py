"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.adapters.activity.tools import activity_tools
from functions.accounts.adapters.config import AccountSettings
from functions.accounts.adapters.firestore.keys import FirestoreKeys
from functions.accounts.adapters.firestore.plans import FirestorePlans
from functions.accounts.adapters.outside import world
from functions.accounts.service.keys import Keys
from functions.accounts.service.plans import Plans
from functions.accounts.service.services import services
from functions.accounts.transport import activity, keys, plans, routes
from functions.kit.adapters.access.firestore_quotas import FirestoreLedgers
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api

SETTINGS, OWN, CLOCK = Settings.from_env(), AccountSettings.from_env(), SystemClock()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
routes.add(API, services(world(SETTINGS, OWN, CLOCK)), OWN.trusted_hops)
keys.add(API, Keys(FirestoreKeys(SETTINGS.first_key), CLOCK, SETTINGS.step_secret))
plans.add(API, Plans(FirestorePlans(), FirestoreLedgers().used, CLOCK))
activity.add(API, *activity_tools(SETTINGS))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
