"""A forgotten password: a link is sent, and sets another one."""

from flask import Blueprint, Response, request

from web.client.errors import Away, Failure, Invalid, Refused, SignedOut, TooMany
from web.client.functions import Functions
from web.forms.sign_up import parse_password
from web.http.destinations import START
from web.http.htmx import Reply, render
from web.pages.authentication.entrance import Entrance, visitor

IN_PLACE = (Refused, TooMany, Away)
USED = "This link has been used, or its time is over. Ask for another one."


class PasswordPages:
    """Handlers of forgotten passwords."""

    def __init__(self, functions: Functions, entrance: Entrance) -> None:
        self._functions = functions
        self._entrance = entrance

    def ask(self) -> Reply:
        """Ask whose password it is."""
        return render("sign_in/forgotten.html", sent=False, email="")

    def send(self) -> Reply:
        """Have the link sent; the answer is the same whether there is such an account or not."""
        email = request.form.get("email", "").strip()
        error: Failure | None = None if email else Invalid("Give your e-mail address.")
        try:
            if email:
                self._functions.sign_in.forgotten(visitor(), email)
        except IN_PLACE as failure:
            error = failure
        return render("sign_in/forgotten.html", error=error, sent=error is None, email=email)

    def choose(self) -> Reply:
        """Ask for another password."""
        return _form(request.args.get("token", ""))

    def reset(self) -> Reply:
        """Set it, and sign in; all other sessions of the account end."""
        token = request.form.get("token", "")
        try:
            password = parse_password(request.form)
            signed = self._functions.sign_in.reset(visitor(), token, password)
        except SignedOut:
            return _form(token, Invalid(USED), 401)
        except IN_PLACE as error:
            return _form(token, error)
        return self._entrance.enter(signed, START)


def _form(token: str, error: Failure | None = None, status: int | None = None) -> Response:
    return render("sign_in/reset.html", error=error, status=status, token=token)


def pages(functions: Functions, entrance: Entrance) -> Blueprint:
    """Return the blueprint."""
    handlers = PasswordPages(functions, entrance)
    blueprint = Blueprint("passwords", __name__, url_prefix="/password")
    rule = blueprint.add_url_rule
    rule("/forgotten", "ask", handlers.ask)
    rule("/forgotten", "send", handlers.send, methods=["POST"])
    rule("/reset", "choose", handlers.choose)
    rule("/reset", "reset", handlers.reset, methods=["POST"])
    return blueprint
