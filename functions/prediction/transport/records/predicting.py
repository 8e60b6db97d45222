"""What a call with records leads to, whichever form it has."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import Standing
from functions.kit.lazy import Lazy
from functions.kit.service.bounded import Quotas
from functions.prediction.model.describing import Predicted
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import Ids
from functions.prediction.service.ports import Chosen, Made, PredictionLog
from functions.prediction.service.predictions import Service
from functions.prediction.transport.records.formats.forms import Answered

if TYPE_CHECKING:
    from functions.prediction.service import response_cache
    from functions.prediction.service.response_cache import ResponseCache
else:  # most remember nothing
    response_cache = Lazy("functions.prediction.service.response_cache")

Read = Callable[[int], Question]
"""Most bytes → what is asked; raises what is wrong with it."""


class Predicting:
    """Reads what is asked, counts it, predicts, and tells the log.

    Args:
        service: finds versions, and has them answer.
        quotas: what accounts may have predicted.
        log: takes what was predicted.
        max_bytes: of a body.
        cache: remembers what versions gave; None remembers nothing.
    """

    def __init__(
        self,
        service: Service,
        quotas: Quotas,
        log: PredictionLog,
        max_bytes: int,
        cache: "ResponseCache | None" = None,
    ) -> None:
        self.quotas = quotas
        self.cache = cache
        self.max_bytes = max_bytes
        self._service = service
        self._log = log
        self._ids = Ids()

    def predict(
        self,
        first: Chosen,
        caller: Caller,
        read: Read,
        *,
        before_answer: bool,
        cache: "ResponseCache | None" = None,
    ) -> tuple[Answered, Standing | None]:
        """Return what is answered, and where the caller's account stands, if that is bounded.

        `before_answer`, it is on disk when this returns. With a `cache`, what the same version gave
        for the same rows is not computed again.

        Raises:
            Unreadable, Invalid, TooLarge: what is wrong with the question.
            OverQuota, Failed, Away, NoRoom: why it is not answered.
        """
        began = time.perf_counter()
        allowed = self.quotas.of(caller)
        wanted = allowed.read(read, self.max_bytes)
        answer = partial(self._service.answer, first, wanted)
        if cache is not None:
            answer = partial(self._remembered, cache, first, wanted, caller)
        rows, each = len(wanted.rows), wanted.options.counted_as
        answered, standing = allowed.counted(rows, answer, each)
        chosen, asked, given = answered
        described = chosen.predictor.describe(asked, given)
        said = (asked.notices, chosen.reason, chosen.why, chosen.cache)
        found = Answered(self._ids(), chosen.predictor, described, *said)
        seconds = time.perf_counter() - began
        told = (chosen, asked.rows, given.output, seconds, caller, given.spread)
        made = Made(time.time(), found.id, *told)
        self._log.take(made, before_answer=before_answer)
        if chosen.trial is not None:
            chosen.trial.follow(made, self._log)
        return found, standing

    def _remembered(
        self, cache: "ResponseCache", first: Chosen, asked: Question, caller: Caller
    ) -> tuple[Chosen, Question, Predicted]:
        """As `Service.answer`, but that it is not computed again."""
        kind: response_cache.Kind = "explain" if asked.options.explain else "predict"
        key = response_cache.key_of(caller.workspace, first.predictor, kind, asked.rows)
        return cache.remembered(key, first, asked, lambda: self._service.answer(first, asked))
