"""Routes to sign in and out."""

import msgspec
from flask import Request

from functions.accounts.model.views import Link, Signed
from functions.accounts.service.authentication.sign_in import SignIn
from functions.accounts.transport.fields import Email, OneTime, Secret
from functions.accounts.transport.refusals import answered
from functions.accounts.transport.visitors import visitor_of
from functions.kit.contract.access.identity import Caller
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import shown
from functions.kit.http.responses.problems import Problem


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """Who signs in."""

    email: Email
    password: Secret


def add(api: Api, service: SignIn, hops: int) -> None:
    """Register the routes; `hops` as `visitor_of` has it."""

    @api.route("POST", "/sign-in", access="open", status=201, problems=(401, 429, 507))
    @answered()
    def sign_in(body: Credentials, request: Request) -> Signed:
        """Sign in by e-mail and password."""
        return service.by_password(body.email, body.password, visitor_of(request, hops))

    @api.route("POST", "/sign-in/link", access="open", status=201, problems=(401, 409, 507))
    @answered()
    def sign_in_by_link(body: OneTime, request: Request) -> Signed:
        """Sign in by the token of a link, which is good once."""
        return service.by_link(body.token, visitor_of(request, hops))

    @api.route("POST", "/sign-in/links", needs="self", status=201, problems=(507,))
    def new_link(caller: Caller) -> Link:
        """Make a link's token that signs the caller's account in, one time."""
        return service.new_link(caller.account)

    @api.route("POST", "/sign-out", needs="self", problems=(507,))
    def sign_out(caller: Caller, request: Request) -> None:
        """End the session that asks."""
        if caller.kind != "session":
            raise Problem(403, "A key is not signed in; revoke it where keys are listed.")
        service.out(shown(request.environ))
