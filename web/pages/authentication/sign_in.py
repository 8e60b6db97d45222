"""Sign in, by a password or by a link that counts once, and sign out."""

from flask import Blueprint, Response, request, url_for

from web.client.errors import Away, Conflict, Failure, Invalid, Refused, SignedOut, TooMany
from web.client.functions import Functions
from web.http.destinations import START, checked
from web.http.htmx import Reply, render
from web.http.readers import reader_or_none
from web.pages.authentication.entrance import Entrance, visitor

IN_PLACE = (Refused, TooMany, Away)
WHY = {
    "ended": "Your session has ended. Sign in again, and you are back where you were.",
    "out": "You are signed out.",
    "left": (
        "You are signed out here, but the session could not be ended: the function 'accounts' is "
        "away. End it under Account once it is back."
    ),
}
WRONG = "The e-mail address or the password is wrong."
USED = (
    "This link has been used, or its time is over. './mayfly up' prints another one for the owner; "
    "everybody else gets one under 'Forgotten?'."
)
DIRECT = frozenset({"none", "same-origin"})


class SignInPages:
    """Handlers of the door."""

    def __init__(self, functions: Functions, entrance: Entrance) -> None:
        self._functions = functions
        self._entrance = entrance

    def form(self) -> Reply:
        """Ask who it is."""
        return _form(request.args.get("email", ""))

    def sign_in(self) -> Reply:
        """Sign in by password."""
        email = request.form.get("email", "").strip()
        password = request.form.get("password", "")
        if not email or not password:
            return _form(email, Invalid("Give your e-mail address and your password."))
        try:
            signed = self._functions.sign_in.by_password(visitor(), email, password)
        except SignedOut:
            return _form(email, Invalid(WRONG), 401)
        except IN_PLACE as error:
            return _form(email, error)
        return self._entrance.enter(signed, checked(request.form.get("next")))

    def open_link(self) -> Reply:
        """Sign in by a link, at once where the reader opened it and nobody else is signed in.

        A page elsewhere could have sent the reader here with somebody else's link, and a mail
        program looks at links by itself: then a button asks first.
        """
        token = request.args.get("token", "")
        now = reader_or_none()
        if now is not None or request.method == "HEAD" or not _is_meant():
            return render("sign_in/link.html", token=token, now=now)
        return self._enter_by(token)

    def use_link(self) -> Reply:
        """Sign in by the link whose page was shown."""
        return self._enter_by(request.form.get("token", ""))

    def _enter_by(self, token: str) -> Response:
        try:
            signed = self._functions.sign_in.by_link(visitor(), token)
        except (SignedOut, Refused):
            return _form("", Invalid(USED), 401)
        except Conflict as error:  # of an account that has been made meanwhile
            return _form("", error)
        return self._entrance.enter(signed, START)

    def sign_out(self) -> Reply:
        """Sign out."""
        response, ended = self._entrance.leave(url_for("sign_in.form", why="out"))
        if not ended:
            response.headers["Location"] = url_for("sign_in.form", why="left")
        return response


def _is_meant() -> bool:
    """Tell whether the reader opened the link: typed it, clicked it in a terminal, or here."""
    fields = request.headers
    return fields.get("Sec-Fetch-Site", "none") in DIRECT and "Sec-Purpose" not in fields


def _form(email: str, error: Failure | None = None, status: int | None = None) -> Response:
    return render(
        "sign_in/form.html",
        error=error,
        status=status,
        email=email,
        next=checked(request.values.get("next")),
        why=WHY.get(request.args.get("why", "")),
    )


def pages(functions: Functions, entrance: Entrance) -> Blueprint:
    """Return the blueprint."""
    handlers = SignInPages(functions, entrance)
    blueprint = Blueprint("sign_in", __name__)
    rule = blueprint.add_url_rule
    rule("/sign-in", "form", handlers.form)
    rule("/sign-in", "sign_in", handlers.sign_in, methods=["POST"])
    rule("/sign-in/link", "open_link", handlers.open_link)
    rule("/sign-in/link", "use_link", handlers.use_link, methods=["POST"])
    rule("/sign-out", "sign_out", handlers.sign_out, methods=["POST"])
    return blueprint
