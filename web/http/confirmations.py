"""What is to be asked before it is done, as an address: `/confirm?ask=…` puts the question.

The address is signed, so that nobody else's words stand on a page of ours, and for its reader
alone: an address that somebody sends to another puts no question there. With scripts the question
comes up in a dialog; without, it is a page.
"""

import hashlib
from typing import Any

import msgspec
from flask import Flask, url_for
from itsdangerous import BadData, URLSafeSerializer

from web.client.errors import NotFound
from web.http.readers import seat_or_none
from web.http.tabs import page_workspace

UNKNOWN = "This question cannot be read any more; go back and ask for it again."


class Question(msgspec.Struct, frozen=True):
    """A question, and what its one button does.

    Attributes:
        action: where the form is sent, a path of ours.
        title: what is asked.
        warning: what follows.
        button: what the button says.
        fields: what is sent along.
        calm: nothing is lost by it, so the button does not warn.
        stays: HTMX sends it, and a refusal is told beside the page that asked.
        back: the page to go back to.
    """

    action: str
    title: str
    warning: str
    button: str
    fields: dict[str, str] = {}
    calm: bool = False
    stays: bool = False
    back: str = "/"


class Confirmations:
    """Makes addresses of questions, and questions of addresses.

    Args:
        secret: what signs them.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def url(self, question: Question) -> str:
        """Return where `question` is put, by the page that is being made."""
        text = str(self._serializer().dumps(msgspec.to_builtins(question)))
        made_for: dict[str, Any] = {**page_workspace()}
        return url_for("confirm.ask", ask=text, **made_for)

    def read(self, text: str) -> Question:
        """Return the question of an address; raises NotFound for one that is not this reader's."""
        try:
            return msgspec.convert(self._serializer().loads(text), Question)
        except (BadData, msgspec.ValidationError) as error:
            raise NotFound(UNKNOWN) from error

    def _serializer(self) -> URLSafeSerializer:
        """Return what signs for who reads, and for the workspace that is looked at."""
        seat = seat_or_none()
        whose = [seat.account, seat.workspace] if seat else []
        return URLSafeSerializer(
            self._secret,
            salt="/".join(["mayfly.confirm", *whose]),
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )


def add(app: Flask, confirmations: Confirmations) -> None:
    """Let the templates of `app` ask: `ask_first(action=…, title=…, …)` is an address."""

    def ask_first(fields: dict[str, object] | None = None, **question: object) -> str:
        texts = {name: str(value) for name, value in (fields or {}).items()}
        return confirmations.url(msgspec.convert({**question, "fields": texts}, Question))

    app.jinja_env.globals["ask_first"] = ask_first
