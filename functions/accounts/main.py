"""Puts the function `accounts` together."""

from flask import Request, Response

from functions.accounts.adapters.activity_tools import activity_tools
from functions.accounts.transport import activity, me
from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api

SETTINGS = Settings.from_env()
API = new_api("accounts", "Who may do what: accounts, workspaces, keys, plans, activity.", SETTINGS)
me.add(API)
activity.add(API, *activity_tools(SETTINGS))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
