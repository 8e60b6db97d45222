"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.transport import me
from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api

SETTINGS = Settings.from_env()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
me.add(API)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
