"""Try a model: a form made from its signature, and the same call for a terminal."""

import contextlib

from flask import Blueprint, Response, request

from web.fields import PREFIX, shown, typed, values_of
from web.functions import FunctionError, Functions
from web.functions.prediction import route
from web.functions.shapes import Column, Predictions, Signature
from web.htmx import Reply, page
from web.settings import Settings
from web.terminal import curl

IN_PLACE = frozenset({400, 422})


class TrialPages:
    """Handlers of the form that asks a model."""

    def __init__(self, functions: Functions, settings: Settings) -> None:
        self._functions = functions
        self._settings = settings

    def form(self, model: str) -> Reply:
        """Ask for a record; its fields hold a row of the data to begin with."""
        version = request.args.get("version", type=int)
        signature = self._functions.prediction.signature(model, version)
        texts = shown(signature.columns, self._example(model, version))
        return self._page(model, version, signature, texts)

    def predict(self, model: str) -> Reply:
        """Ask the model."""
        version = request.form.get("version", type=int)
        signature = self._functions.prediction.signature(model, version)
        values, flaws = values_of(signature.columns, request.form)
        texts = typed(signature.columns, request.form)
        if flaws:
            error = FunctionError(422, "The model was not asked.", flaws)
            return self._page(model, version, signature, texts, error=error)
        try:
            answer = self._functions.prediction.predict(model, version, values)
        except FunctionError as error:
            if error.status not in IN_PLACE:
                raise
            return self._page(model, version, signature, texts, error=error)
        return self._page(model, version, signature, texts, answer=answer)

    def _example(self, model: str, version: int | None) -> dict[str, object]:
        """Return the first row of the data that the model learnt from, if it is still there."""
        with contextlib.suppress(FunctionError):
            number = version or self._functions.models.get(model).aliases["champion"]
            source = self._functions.models.version(model, number).dataset
            if source:
                rows = self._functions.datasets.records(source, limit=1).items
                return rows[0].values if rows else {}
        return {}

    def _page(
        self,
        model: str,
        version: int | None,
        signature: Signature,
        texts: dict[str, str],
        *,
        error: FunctionError | None = None,
        answer: Predictions | None = None,
    ) -> Response:
        values, _ = values_of(
            signature.columns, {PREFIX + name: text for name, text in texts.items()}
        )
        url = f"{self._settings.public_url}/function/prediction{route(model, version, 'predict')}"
        used, unused = _split(signature)
        return page(
            "trials/show.html",
            "trial",
            status=error.status if error else 200,
            model=model,
            version=version,
            signature=signature,
            used=used,
            unused=unused,
            texts=texts,
            error=error,
            answer=answer,
            command=curl(url, values, self._settings.key_file),
        )


def _split(signature: Signature) -> tuple[list[Column], list[Column]]:
    """Return the columns that the model looks at, and those that it only accepts."""
    names = {feature.column for feature in signature.features}
    used = [column for column in signature.columns if not names or column.name in names]
    return used, [column for column in signature.columns if column not in used]


def pages(functions: Functions, settings: Settings) -> Blueprint:
    """Return the blueprint."""
    handlers = TrialPages(functions, settings)
    blueprint = Blueprint("trials", __name__, url_prefix="/models/<model>/try")
    blueprint.add_url_rule("", "form", handlers.form)
    blueprint.add_url_rule("", "predict", handlers.predict, methods=["POST"])
    return blueprint
