"""How models are called: each with its fields, calls to copy, and one that can be tried here."""

import json
import time
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, request

from web.client.calls.prediction import route
from web.client.errors import SignedOut
from web.client.functions import Functions
from web.http.downloads import download
from web.http.guard import credential_of
from web.http.htmx import Reply, render
from web.http.readers import reader
from web.http.statuses import phrase
from web.pages.administration.own_key import key_file
from web.pages.lists import PAGE_SIZE
from web.settings import Settings
from web.views.described_fields import fields
from web.views.snippets import Call, snippets, texts_of

FORMS = (
    ("application/json", '{"records": [{…}]}'),
    ("application/jsonl", "a record a line, without end"),
    ("text/csv", "a line of names, a line for each record"),
    ("application/vnd.apache.arrow.stream", "columns by name"),
    ("application/x-protobuf", "PredictRequest of the model's schema.proto"),
)


class Tried(NamedTuple):
    """What came of a call: its status, the time that it took, and what was answered."""

    status: int
    phrase: str
    milliseconds: float
    text: str

    @property
    def is_error(self) -> bool:
        """Whether the model did not answer."""
        return self.status >= HTTPStatus.BAD_REQUEST


class DocsPages:
    """Handlers of what is told to programmers."""

    def __init__(self, functions: Functions, settings: Settings) -> None:
        self._functions = functions
        self._settings = settings

    def index(self) -> Reply:
        """List the models, and say what holds of all of them."""
        cursor = request.args.get("cursor")
        page = self._functions.models.page(PAGE_SIZE, cursor)
        base = self._settings.public.url("prediction")
        return render("docs/index.html", "list", page=page, cursor=cursor, base=base, forms=FORMS)

    def openapi(self) -> Response:
        """Give what the function says of itself and of the reader's models, as a file."""
        return download(self._functions.prediction.openapi(), "openapi.json", "application/json")

    def show(self, model: str) -> Reply:
        """Show how one is called."""
        return self._shown(model, "")

    def send(self, model: str) -> Reply:
        """Call it with what was typed, in the reader's name."""
        body = request.form.get("body", "")
        began = time.perf_counter()
        path, credential = route(model, None, "predict"), credential_of(reader().seat)
        found = self._functions.predictions.post(path, body.encode(), credential)
        took = (time.perf_counter() - began) * 1000
        if found.status_code == HTTPStatus.UNAUTHORIZED:
            raise SignedOut("The session has ended.")
        tried = Tried(found.status_code, phrase(found.status_code), took, _pretty(found.content))
        return self._shown(model, body, tried)

    def _shown(self, model: str, body: str, tried: Tried | None = None) -> Reply:
        """Render the page, or what came of a call alone."""
        signature = self._functions.prediction.signature(model, None)
        public, file = self._settings.public, key_file(self._settings)
        url = public.url("prediction", route(model, None, "predict"))
        example = {"records": [signature.example]}
        texts = texts_of(signature.columns)
        call = Call(url, public.url("prediction"), model, None, signature.example, texts)
        return render(
            "docs/show.html",
            "tried",
            model=model,
            signature=signature,
            fields=fields(signature),
            url=url,
            snippets=snippets(call, file, str(public.ingress or "")),
            keyless=file is None,
            body=body or json.dumps(example, indent=2, ensure_ascii=False),
            answer=tried,
        )


def _pretty(content: bytes) -> str:
    """Return JSON over several lines, its numbers as they came."""
    return json.dumps(json.loads(content), indent=2, ensure_ascii=False)


def pages(functions: Functions, settings: Settings) -> Blueprint:
    """Return the blueprint."""
    handlers = DocsPages(functions, settings)
    blueprint = Blueprint("docs", __name__)
    rule = blueprint.add_url_rule
    rule("/docs", "index", handlers.index)
    rule("/docs/openapi.json", "openapi", handlers.openapi)
    rule("/models/<model>/docs", "show", handlers.show)
    rule("/models/<model>/docs", "send", handlers.send, methods=["POST"])
    return blueprint
