"""Make an account of one's own, where that is open, or by an invitation."""

from flask import Blueprint, Response, request

from web.client.errors import Away, Conflict, Failure, Forbidden, Refused, SignedOut, TooMany
from web.client.functions import Functions
from web.forms.sign_up import parse_sign_up
from web.http.destinations import START
from web.http.htmx import Reply, render
from web.pages.authentication.entrance import Entrance, visitor

IN_PLACE = (Refused, Conflict, Forbidden, TooMany, Away)


class SignUpPages:
    """Handlers of the form for newcomers."""

    def __init__(self, functions: Functions, entrance: Entrance) -> None:
        self._functions = functions
        self._entrance = entrance

    def form(self) -> Reply:
        """Ask who it is, if accounts are made here."""
        invitation = request.args.get("invitation", "")
        return self._page({"invitation": invitation})

    def sign_up(self) -> Reply:
        """Make the account, and sign it in."""
        texts = request.form.to_dict()
        try:
            signed = self._functions.sign_in.sign_up(visitor(), parse_sign_up(texts))
        except SignedOut as error:
            return self._page(texts, Forbidden(error.detail))
        except IN_PLACE as error:
            return self._page(texts, error)
        if signed is None:
            return render("sign_in/sent.html", status=202, email=texts["email"])
        return self._entrance.enter(signed, START)

    def _page(self, texts: dict[str, str], error: Failure | None = None) -> Response:
        mode = self._functions.sign_in.mode()
        invitation = texts.get("invitation", "")
        barred = mode == "off" or (mode == "invitation" and not invitation)
        return render("sign_in/sign_up.html", error=error, texts=texts, mode=mode, barred=barred)


def pages(functions: Functions, entrance: Entrance) -> Blueprint:
    """Return the blueprint."""
    handlers = SignUpPages(functions, entrance)
    blueprint = Blueprint("sign_up", __name__)
    blueprint.add_url_rule("/sign-up", "form", handlers.form)
    blueprint.add_url_rule("/sign-up", "sign_up", handlers.sign_up, methods=["POST"])
    return blueprint
