"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.adapters.argon2_hasher import Argon2Hasher
from functions.accounts.adapters.config import AccountSettings
from functions.accounts.adapters.firestore_database import FirestoreDatabase
from functions.accounts.adapters.later import BackgroundThread
from functions.accounts.adapters.mail import mailer
from functions.accounts.service.services import World, services
from functions.accounts.transport import routes
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api

SETTINGS, OWN, CLOCK = Settings.from_env(), AccountSettings.from_env(), SystemClock()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
WORLD = World(
    database=FirestoreDatabase(),
    hasher=Argon2Hasher(),
    mailer=mailer(OWN, CLOCK),
    later=BackgroundThread(),
    clock=CLOCK,
    owner_email=OWN.owner_email,
    web_url=OWN.web_url,
    secret=SETTINGS.step_secret,
)
routes.add(API, services(WORLD), OWN.trusted_hops)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
