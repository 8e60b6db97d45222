"""The prediction function over what is in memory, and its answers as a server sends them."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Request

from functions.kit.adapters.access.identities import Identities
from functions.kit.adapters.access.memory_quotas import MemoryLedgers
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.access.api_key import digest
from functions.kit.contract.access.identity import RIGHTS, UNLIMITED, Caller, Identity, Subject
from functions.kit.contract.access.plans import Plan, plan_of
from functions.kit.contract.models.registration import Model
from functions.kit.http import metrics
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.wsgi import entry
from functions.kit.service.quotas import Quotas
from functions.prediction.adapters.memory_registry import MemoryRegistry
from functions.prediction.adapters.no_log import NoLog
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.service.catalogue import Catalogue
from functions.prediction.service.ports import PredictionLog
from functions.prediction.service.predictions import Service
from functions.prediction.service.response_cache import ResponseCache
from functions.prediction.transport.open_inference import routes as protocol
from functions.prediction.transport.open_inference.inferring import Inferring
from functions.prediction.transport.open_inference.routes import LOGGED
from functions.prediction.transport.records import catalogue, routes
from functions.prediction.transport.records.predicting import Predicting
from tests.support.models.explained import stored
from tests.support.models.onnx import Exported, describe

if TYPE_CHECKING:
    from functions.kit.contract.models.background import Background
    from functions.kit.contract.telemetry.activity import Note

SECRET = "step secret"
MOST_BYTES = 20_000
SMALL = Plan(name="small", predictions_per_minute=40, concurrency=5, rows=4, bytes=900)
FRESH = 26
"""Letters of an id that are another one's in another house."""
_FRESH = re.compile(rb'"id":"[0-9a-f]{%d}' % FRESH)

Environ = dict[str, Any]


class Answered(NamedTuple):
    """What a server was given for a request, and what was told of it.

    The random part of ids, times and durations are left out.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    noted: list[tuple[Any, ...]]
    counted: dict[tuple[str, str], float]


class House:
    """One replica, with the models that it serves; every answer is the same in another such house.

    Args:
        models: by name; each has two versions, and the first is its champion.
        log: takes what was predicted.
        backgrounds: by model, the background rows of its first version.
        cache: remembers what versions gave.
        most_bytes: of a body.
    """

    def __init__(
        self,
        models: Mapping[str, Exported],
        log: PredictionLog | None = None,
        backgrounds: "Mapping[str, Background] | None" = None,
        cache: ResponseCache | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        clock = ManualClock()
        self._noted: list[Note] = []
        identities = Identities(_find, digest("mf_first"), clock.monotonic)
        guard = Access("prediction", SECRET, identities.of)
        self.api = Api("prediction", "Predictions.", guard, most_bytes, note=self._noted.append)
        registry = MemoryRegistry()
        files = {}
        for name, exported in models.items():
            first, second = (describe(exported, model=name, version=one) for one in (1, 2))
            if backgrounds and name in backgrounds:
                first.background, data = stored(backgrounds[name])
                files[first.background.sha256] = data
            registry.put(_model(name), first, second)
            files[exported.sha256] = exported.data
        service = Service(registry, lambda file: files[file.sha256], Predictor, 10**9, clock)
        quotas = Quotas(_plan, MemoryLedgers(clock), clock.monotonic)
        log = log or NoLog()
        routes.add(self.api, service, Predicting(service, quotas, log, most_bytes))
        protocol.add(self.api, service, Inferring(quotas, log, most_bytes))
        catalogue.add(self.api, Catalogue(registry, clock))
        self.registry, self.clock = registry, clock
        routes.add(self.api, service, Predicting(service, quotas, log, most_bytes, cache))
        protocol.add(self.api, service, Inferring(quotas, log, most_bytes, cache))

    def entry(self, environ: Environ) -> Answered:
        """Answer as the function does in a replica."""
        return self._answered(entry(self.api), environ)

    def whole(self, environ: Environ) -> Answered:
        """Answer as the function does under any server of functions-framework."""
        return self._answered(self._app, environ)

    def open(self, environ: Environ) -> Iterable[bytes]:
        """Return the chunks of an answer, of which none is asked for yet."""
        return self._app(environ, lambda *_: None)

    def _app(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        return self.api.handle(Request(environ))(environ, start)

    def _answered(self, app: Any, environ: Environ) -> Answered:
        head: list[Any] = []
        before = _counts()
        body = app(environ, lambda status, headers, _=None: head.extend((status, headers)))
        content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        noted = [(*note[1:5], *note[6:]) for note in self._noted]
        self._noted.clear()
        counted = {key: now - before.get(key, 0) for key, now in _counts().items()}
        counted = {key: count for key, count in counted.items() if count}
        headers = [(name, value[FRESH:] if name == LOGGED else value) for name, value in head[1]]
        return Answered(head[0], headers, _FRESH.sub(b'"id":"', content), noted, counted)


def _model(name: str) -> Model:
    return Model(
        name=name,
        uid="u",
        task="binary",
        latest=2,
        aliases={"champion": 1, "next": 2},
        revision=1,
        created_at=START,
        updated_at=START,
    )


def _find(_collection: str, found: str) -> Identity | None:
    return _KNOWN.get(found)


def _plan(name: str) -> Plan | None:
    return SMALL if name == SMALL.name else plan_of(name, None)


def _identity(name: str, plan: str, **options: Any) -> Identity:
    options.setdefault("rights", RIGHTS["editor"])
    caller = Caller(name=name, kind="key", workspace="main", account=name, plan=plan, **options)
    return Identity(callers={"main": caller}, home="main")


KEYS = {
    "mf_free": _identity("free", UNLIMITED),
    "mf_small": _identity("small", SMALL.name),
    "mf_reads": _identity("reads", UNLIMITED, rights=frozenset(("read",))),
    "mf_other": _identity("other", UNLIMITED, only=Subject("model", "other")),
}
"""Keys, and whose they are; `mf_first` is the system's first."""
_KNOWN = {digest(key): identity for key, identity in KEYS.items()}


def _counts() -> dict[tuple[str, str], float]:
    samples = (
        sample
        for metric in metrics.REQUESTS.collect()
        for sample in metric.samples
        if sample.name.endswith("_count")
    )
    return {(one.labels["route"], one.labels["code"]): one.value for one in samples}
