"""The page that asks once before something is done, and says what follows."""

from flask import Blueprint, request

from web.http.confirmations import Confirmations
from web.http.htmx import Reply, render


def pages(confirmations: Confirmations) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("confirm", __name__)

    def ask() -> Reply:
        """Put the question: as a page, or where a dialog asks for it, as that one's content."""
        question = confirmations.read(request.args.get("ask", ""))
        return render("confirm/show.html", "question", question=question)

    blueprint.add_url_rule("/confirm", "ask", ask)
    return blueprint
