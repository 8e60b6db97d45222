"""The one layer beneath both transports, records and Open Inference tensors."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from functions.kit.contract.errors import Away, NoRoom, not_found
from functions.kit.contract.names import is_name
from functions.kit.contract.ports import Clock
from functions.kit.contract.workspaces import Place
from functions.kit.service.revalidating_cache import RevalidatingCache
from functions.prediction.model.errors import Unloadable
from functions.prediction.service.ports import (
    Chosen,
    GetFile,
    OpenVersion,
    Predictor,
    Reference,
    Registry,
    Target,
)
from functions.prediction.service.ready_versions import ReadyVersions


class Service:
    """Finds the version that a caller wants, ready to answer.

    Which version an alias names is remembered and read again in the background
    (`RevalidatingCache`). Versions never change, so they are held as long as there is room
    (`ReadyVersions`).

    Args:
        registry: what is known of models.
        file: gives the bytes of a version's file.
        opened: makes a version ready.
        memory_bytes: most bytes of model files held open.
        clock: tells how old what is remembered is.
    """

    def __init__(
        self,
        registry: Registry,
        file: GetFile,
        opened: OpenVersion,
        memory_bytes: int,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._file = file
        self._opened = opened
        self._ready: ReadyVersions[Target, Predictor] = ReadyVersions(self._load, memory_bytes)
        self._targets: RevalidatingCache[tuple[Place, Reference], Target] = RevalidatingCache(
            self._resolve,
            away=(Away, NoRoom, Unloadable),
            background=ThreadPoolExecutor(max_workers=1, thread_name_prefix="refresh"),
            clock=clock.monotonic,
        )

    def predictor(self, model: Place, reference: Reference) -> Predictor:
        """Return the version that `reference` of `model` leads to.

        Raises:
            NotFound: when there is no such model, alias or version.
            Away: when it cannot be loaded.
        """
        try:
            return self._ready.get(self._targets.get((model, reference)))
        except Unloadable as error:
            raise Away(f"Model '{model.name}', {reference}, cannot be loaded: {error}.") from error

    def target(self, model: Place, reference: Reference) -> Target:
        """Return where `reference` of `model` leads; raises NotFound, Away."""
        self.predictor(model, reference)
        return self._targets.get((model, reference))

    def choose(self, model: Place, reference: Reference) -> Chosen:
        """Return the version that answers a call for `reference` of `model`, and why it does.

        Raises:
            NotFound, Away: as `predictor`.
        """
        predictor = self.predictor(model, reference)
        if isinstance(reference, int):
            return Chosen(predictor, "", "version")
        return Chosen(predictor, reference, "alias")

    def versions(self, model: Place) -> Sequence[int]:
        """Return the numbers of a model's versions; raises NotFound."""
        if not is_name(model.name):
            raise not_found("model", model.name)
        return self._registry.versions(model)

    def models(self, workspace: str) -> Sequence[tuple[str, Sequence[int]]]:
        """Return each model of a workspace with its versions."""
        return self._registry.names(workspace)

    def _resolve(self, key: tuple[Place, Reference]) -> Target:
        """Find a target and make it ready: until it is, callers keep the one before."""
        model, reference = key
        if not is_name(model.name):
            raise not_found("model", model.name)
        target = self._registry.find(model, reference)
        self._ready.get(target)
        return target

    def _load(self, target: Target) -> Predictor:
        version = self._registry.version(target)
        return self._opened(version, self._file(version.file))
