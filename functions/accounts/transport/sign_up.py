"""Routes to make an account for oneself, and to set a password that was forgotten."""

import msgspec
from flask import Request

from functions.accounts.model.documents import SignUpMode
from functions.accounts.model.views import Signed
from functions.accounts.service.authentication.passwords import Passwords
from functions.accounts.service.authentication.sign_up import SignUp, Wish
from functions.accounts.service.settings import SettingsService
from functions.accounts.transport.fields import Email, Name, Secret, Token
from functions.accounts.transport.refusals import answered
from functions.accounts.transport.visitors import visitor_of
from functions.kit.http.api import Api
from functions.kit.http.routing.routes import Reply


class Mode(msgspec.Struct):
    """Who may sign up: anybody, who is invited, nobody."""

    mode: SignUpMode


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """Who signs up; `invitation` is the token of one."""

    email: Email
    name: Name
    password: Secret
    invitation: Token | None = None


class Address(msgspec.Struct, forbid_unknown_fields=True):
    """Whose password was forgotten."""

    email: Email


class Reset(msgspec.Struct, forbid_unknown_fields=True):
    """Another password, and the token that lets it be set."""

    token: Token
    password: Secret


def add(
    api: Api, sign_ups: SignUp, passwords: Passwords, settings: SettingsService, hops: int
) -> None:
    """Register the routes; `hops` as `visitor_of` has it."""

    @api.route("GET", "/sign-up", access="open")
    def sign_up_mode() -> Mode:
        """Tell who may sign up."""
        return Mode(settings.read().sign_up)

    refusals = (403, 409, 429, 507)

    @api.route("POST", "/sign-up", access="open", status=201, also=(202,), problems=refusals)
    @answered()
    def sign_up(body: NewPerson, request: Request) -> Reply[Signed | None]:
        """Make an account and sign in; 202 where a mail is sent first that proves the address."""
        wish = Wish(body.email, body.name, body.password, body.invitation or "")
        signed = sign_ups.sign_up(wish, visitor_of(request, hops))
        return Reply(signed, 202 if signed is None else 201)

    @api.route("POST", "/password/forgotten", access="open", status=202, problems=(507,))
    def forgotten(body: Address, request: Request) -> Reply[None]:
        """Have a mail sent with which another password is set, if there is such an account."""
        passwords.forgotten(body.email, visitor_of(request, hops))
        return Reply(None, 202)

    @api.route("POST", "/password/reset", access="open", status=201, problems=(401, 507))
    @answered()
    def reset(body: Reset, request: Request) -> Signed:
        """Set another password by the token of a mail; all sessions end, and one begins."""
        return passwords.reset(body.token, body.password, visitor_of(request, hops))
