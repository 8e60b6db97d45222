"""Routes to one's own account: its name, password and sessions."""

import msgspec
from flask import Request

from functions.accounts.model.names import clean_name
from functions.accounts.model.views import AccountView, view
from functions.accounts.service.accounts import Accounts
from functions.accounts.service.authentication.passwords import Passwords
from functions.accounts.service.authentication.sessions import Sessions, SessionView
from functions.accounts.transport.fields import Named, Secret
from functions.accounts.transport.refusals import answered
from functions.accounts.transport.visitors import visitor_of
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import shown


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """Another password; `current` is looked at where there is one."""

    password: Secret
    current: Secret | None = None


def add(api: Api, accounts: Accounts, sessions: Sessions, passwords: Passwords, hops: int) -> None:
    """Register the routes; `hops` as `visitor_of` has it."""

    @api.route("PATCH", "/me", needs="self", problems=(507,))
    def rename_me(body: Named, caller: Caller) -> AccountView:
        """Change what the caller's account is called."""
        name = clean_name(body.name)
        renamed = accounts.change(
            caller.account, lambda account: msgspec.structs.replace(account, name=name)
        )
        return view(renamed)

    @api.route("POST", "/password", needs="self", problems=(409, 429, 507))
    @answered()
    def change_password(body: PasswordChange, caller: Caller, request: Request) -> None:
        """Set another password; all other sessions end."""
        visitor, session = visitor_of(request, hops), shown(request.environ)
        passwords.change(caller.account, body.current, body.password, session, visitor)

    @api.route("GET", "/sessions", needs="self")
    def list_sessions(query: PageQuery, caller: Caller, request: Request) -> Page[SessionView]:
        """List where the caller's account is signed in."""
        return sessions.page(caller.account, shown(request.environ), query)

    @api.route("DELETE", "/sessions/{session}", needs="self", problems=(507,))
    def end_session(session: str, caller: Caller) -> None:
        """Sign the caller's account out somewhere."""
        sessions.end(caller.account, session)
