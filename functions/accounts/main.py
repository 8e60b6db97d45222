"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.adapters.argon2_hasher import Argon2Hasher
from functions.accounts.adapters.config import AccountSettings
from functions.accounts.adapters.firestore_database import FirestoreDatabase
from functions.accounts.service.accounts import Accounts
from functions.accounts.service.sessions import Sessions
from functions.accounts.service.sign_in import SignIn
from functions.accounts.service.throttle import Throttle
from functions.accounts.transport import me, sign_in
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api

SETTINGS, OWN, CLOCK = Settings.from_env(), AccountSettings.from_env(), SystemClock()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
DATABASE, HASHER = FirestoreDatabase(), Argon2Hasher()
ACCOUNTS = Accounts(DATABASE, CLOCK, OWN.owner_email)
SESSIONS, THROTTLE = Sessions(DATABASE, CLOCK), Throttle(DATABASE, CLOCK)
SIGN_IN = SignIn(DATABASE, ACCOUNTS, SESSIONS, THROTTLE, HASHER, CLOCK)

me.add(API)
sign_in.add(API, SIGN_IN, OWN.trusted_hops)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
