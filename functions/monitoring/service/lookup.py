"""Finds predictions: a page of a model's, or one by its id."""

from functools import partial

import structlog

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, DomainError, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.records.sensitive import is_hashed
from functions.kit.contract.telemetry.predictions import EXPLAINED, Event, given_at
from functions.kit.service.bounded import Quotas
from functions.kit.service.latecomers import Latecomers
from functions.kit.service.line_search import LineSearch
from functions.monitoring.model.files import LogFile, predictions_in, predictions_of
from functions.monitoring.model.logged import (
    ExplainedPrediction,
    Filters,
    Key,
    Logged,
    LoggedPrediction,
    shown,
)
from functions.monitoring.service.labelling import LOGGED_WITHIN, Labelling
from functions.monitoring.service.ports import Explainer, Models, PredictionFiles

log = structlog.get_logger()

UNASKED = "None was asked for: explain=true does, and is counted as a prediction with one."
OF_ANOTHER = "The model that made it is no more; one that came later has its name."
_SECOND = 1_000_000
_TRIES = 5


class Lookup:
    """Finds predictions, with their labels.

    Args:
        files: where they are.
        labelling: has their labels.
        latecomers: takes in what was put aside.
        explainer: tells what columns did for one.
        quotas: what accounts may have explained.
        models: those that have names now.
        clock: tells how long a search takes.
    """

    def __init__(
        self,
        files: PredictionFiles,
        labelling: Labelling,
        latecomers: Latecomers[list[Event]],
        explainer: Explainer,
        quotas: Quotas,
        models: Models,
        clock: Clock,
    ) -> None:
        self._files = files
        self._labelling = labelling
        self._latecomers = latecomers
        self._explainer = explainer
        self._quotas = quotas
        self._models = models
        self._search: LineSearch[LogFile, Filters, Key, Logged] = LineSearch(
            files,
            clock,
            lambda asked: predictions_of(asked.model, asked.version),
            lambda at: Key(at, ""),
        )

    def page(
        self, filters: Filters, before: Key | None, limit: int
    ) -> tuple[list[LoggedPrediction], Key | None]:
        """Return the newest that are meant and older than `before`, and where to go on."""
        self._latecomers.look()
        found = self._search.page(filters, before, limit)
        labels = self._labelling.of(found.lines)
        return [shown(one, labels.get(one.id)) for one in found.lines], found.before

    def get(self, caller: Caller, name: str, *, explain: bool) -> ExplainedPrediction:
        """Return one prediction of the caller's workspace, explained where that is wanted.

        An explanation is counted as a prediction with one is: it is computed each time.

        Raises:
            NotFound: there is none.
            OverQuota: the caller's plan allows no explanation now.
            Away: it cannot be known now.
        """
        found = self._find(caller.workspace, name)
        if found is None:
            found = self._find_late(caller.workspace, name)
        if found is None or not caller.sees("model", found.told.model):
            raise not_found("prediction", name[:80])
        told = shown(found, self._labelling.of([found]).get(name))
        fields = {field: getattr(told, field) for field in told.__struct_fields__}
        explanation, reason = self._explained(caller, found) if explain else (None, UNASKED)
        return ExplainedPrediction(**fields, explanation=explanation, no_explanation=reason)

    def _find_late(self, workspace: str, name: str) -> Logged | None:
        """Return what was put aside until now: much of it takes several looks."""
        for _ in range(_TRIES):
            is_all = self._latecomers.look_now()
            found = self._find(workspace, name)
            if found is not None or is_all:
                return found
        raise Away("Predictions that were put aside are still being taken in; ask again.")

    def _find(self, workspace: str, name: str) -> Logged | None:
        given = given_at(name)
        if given is None:
            return None
        for _ in range(_TRIES):
            try:
                return self._read(workspace, name, given * _SECOND)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
        return None

    def _read(self, workspace: str, name: str, given: int) -> Logged | None:
        for file in self._files.listed(predictions_in(workspace)):
            if file.last >= given and file.first <= given + LOGGED_WITHIN:
                asked = Filters(model=file.model, id=name)
                found = self._files.read(file, asked, None, 1)
                if found:
                    return found[0]
        return None

    def _explained(self, caller: Caller, found: Logged) -> tuple[object, str | None]:
        told = found.told
        hidden = [name for name, value in told.inputs.items() if is_hashed(value)]
        if hidden:
            return None, f"The values of sensitive columns are not kept: {', '.join(hidden)}."
        model = Place(told.workspace, told.model)
        try:
            life = self._models.life(model)
            if life is not None and not life.has(told.uid, found.at):
                return None, OF_ANOTHER
            explained = partial(self._explainer.explain, model, told.version, told.inputs)
            return self._quotas.of(caller).counted(1, explained, each=EXPLAINED)[0], None
        except OverQuota:
            raise
        except DomainError as error:
            return None, error.detail
