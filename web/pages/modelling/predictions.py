"""Try a model: a form made from its signature, and the same call for a terminal."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, request
from flask.globals import app_ctx
from jinja2_fragments.flask import render_block
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from web.client import credentials
from web.client.answer_schemas import Predictions
from web.client.calls.prediction import route
from web.client.credentials import Credential
from web.client.errors import Conflict, Failure, Invalid, Refused, SignedOut, TooMany
from web.client.functions import Functions
from web.client.schemas import Signature, Version
from web.client.table_schemas import Column
from web.client.transport.relay import Answered
from web.forms.fields import PREFIX, parse_values, texts_of_form, texts_of_values
from web.http.htmx import Reply, render
from web.http.readers import reader
from web.http.statuses import status_of
from web.pages.administration.own_key import key_file
from web.pages.best_effort import BestEffort
from web.realtime import live_forms
from web.realtime.connections import Connections
from web.realtime.messages import Question
from web.settings import Settings
from web.views.answers import by_importance, reasons
from web.views.snippets import Call, Snippet, snippets, texts_of

PAGE = "predictions/show.html"
MOST_CHOICES = 60


class PredictionPages:
    """Handlers of the form that asks a model."""

    def __init__(self, functions: Functions, settings: Settings, connections: Connections) -> None:
        self._functions = functions
        self._settings = settings
        self._connections = connections

    def form(self, model: str) -> Reply:
        """Ask for a record; its fields hold a row of the data to begin with."""
        version = request.args.get("version", type=int)
        signature = self._functions.prediction.signature(model, version)
        optional = BestEffort()
        source = optional.get(lambda: self._source(model, version))
        example = optional.get(lambda: self._example(source)) or {}
        texts = texts_of_values(signature.columns, example)
        shown = self._shown(model, version, signature, texts, source=source, notes=optional.notes)
        return render(PAGE, "prediction", **shown)

    def predict(self, model: str) -> Reply:
        """Ask the model."""
        return render(PAGE, "prediction", **self._asked(model, request.form))

    def live(self, model: str) -> Reply:
        """Ask the model while values change, on a WebSocket; the page's own answer comes back."""
        own, app, environ = reader(), app_ctx.app, request.environ

        def ask(question: Question, credential: Credential) -> Answered:
            with app.request_context(environ), credentials.using(credential):
                g.reader = own
                return self._live_answer(model, live_forms.read(question.body))

        return self._connections.open(request, own.seat, ask)

    def _live_answer(self, model: str, form: MultiDict[str, str]) -> Answered:
        try:
            context = self._asked(model, form)
        except Failure as error:
            return live_forms.problem(status_of(error), error.detail)
        except SignedOut as error:
            return live_forms.problem(HTTPStatus.UNAUTHORIZED, error.detail)
        return live_forms.answer(render_block(PAGE, "answer", **context))

    def _asked(self, model: str, form: MultiDict[str, str]) -> dict[str, Any]:
        """Ask the model for what a form holds; return what the page shows of that."""
        version = form.get("version", type=int)
        signature = self._functions.prediction.signature(model, version)
        values, flaws = parse_values(signature.columns, form)
        texts = texts_of_form(signature.columns, form)
        if flaws:
            error = Invalid("The model was not asked.", flaws)
            return self._shown(model, version, signature, texts, error=error)
        try:
            answer = self._answer(model, version, values)
        except (Refused, TooMany) as error:
            return self._shown(model, version, signature, texts, error=error)
        return self._shown(model, version, signature, texts, answer=answer)

    def _answer(self, model: str, version: int | None, values: dict[str, Any]) -> Predictions:
        """Ask for an answer with its reasons; without, where the version cannot give them."""
        ask = self._functions.prediction.predict
        try:
            return ask(model, version, values, explain=True)
        except Conflict:
            return ask(model, version, values)

    def _source(self, model: str, version: int | None) -> Version | None:
        """Return the version that will answer."""
        number = version or self._functions.models.get(model).aliases.get("champion")
        return self._functions.models.version(model, number) if number else None

    def _example(self, source: Version | None) -> dict[str, object] | None:
        """Return the first row of the data that the model learnt from."""
        if source is None or not source.dataset:
            return None
        rows = self._functions.datasets.records(source.dataset, 1).items
        return rows[0].values if rows else None

    def _shown(
        self,
        model: str,
        version: int | None,
        signature: Signature,
        texts: dict[str, str],
        *,
        error: Failure | None = None,
        answer: Predictions | None = None,
        source: Version | None = None,
        notes: Sequence[str] = (),
    ) -> dict[str, Any]:
        values, _ = parse_values(
            signature.columns, {PREFIX + name: text for name, text in texts.items()}
        )
        used, unused = _split(signature)
        if source is None and request.method == "POST":
            source = BestEffort().get(lambda: self._source(model, version))
        first, rest = by_importance(used, source.evaluation if source else None)
        return {
            "model": model,
            "version": version,
            "source": source,
            "notes": notes,
            "signature": signature,
            "used": first,
            "rest": rest,
            "unused": unused,
            "texts": texts,
            "error": error,
            "answer": answer,
            "snippets": self._snippets(model, version, values, signature),
            "reasons": reasons(answer.predictions[0].explanation) if answer else [],
            "keyless": key_file(self._settings) is None,
        }

    def _snippets(
        self, model: str, version: int | None, record: dict[str, Any], signature: Signature
    ) -> list[Snippet]:
        """Return the same call as programs."""
        public = self._settings.public
        url = public.url("prediction", route(model, version, "predict"))
        texts = texts_of(signature.columns)
        call = Call(url, public.url("prediction"), model, version, record, texts)
        return snippets(call, key_file(self._settings), str(public.ingress or ""))


def _split(signature: Signature) -> tuple[list[Column], list[Column]]:
    """Return the columns that the model looks at, and those that it only accepts."""
    levels = {feature.column: feature.levels for feature in signature.features}
    used = [
        replace(column, levels=column.levels or _few(levels[column.name]))
        for column in signature.columns
        if column.name in levels
    ]
    return used, [column for column in signature.columns if column.name not in levels]


def _few(levels: list[str] | None) -> list[str] | None:
    """Return the levels if one can choose among them; else the field takes any text."""
    return levels if levels and len(levels) <= MOST_CHOICES else None


def pages(functions: Functions, settings: Settings, connections: Connections) -> Blueprint:
    """Return the blueprint."""
    handlers = PredictionPages(functions, settings, connections)
    blueprint = Blueprint("predictions", __name__, url_prefix="/models/<model>/try")
    blueprint.add_url_rule("", "form", handlers.form)
    blueprint.add_url_rule("", "predict", handlers.predict, methods=["POST"])
    for opens in (True, False):
        blueprint.add_url_rule("/live", "live", handlers.live, websocket=opens)
    return blueprint
