"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.adapters.firestore_plans import FirestorePlans
from functions.accounts.service.plans import Plans
from functions.accounts.transport import me, plans
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.firestore_quotas import FirestoreLedgers
from functions.kit.http.assembly import new_api

SETTINGS = Settings.from_env()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
me.add(API)
plans.add(API, Plans(FirestorePlans(), FirestoreLedgers().used, SystemClock()))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
