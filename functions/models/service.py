"""The registry's use cases."""

import secrets
from collections.abc import Callable

import msgspec

from functions.kit.contract import idempotency
from functions.kit.contract.conditions import IfMatch, check_match
from functions.kit.contract.errors import Invalid, NotFound
from functions.kit.contract.identity import Caller
from functions.kit.contract.names import check_name, version_number
from functions.kit.contract.pages import Page, PageQuery, page_of
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.registration import (
    Model,
    Registration,
    Version,
    files_of,
    is_of_a_job,
)
from functions.kit.contract.workspaces import Place
from functions.kit.service import sweeper
from functions.models import aliases
from functions.models.aliases import Act, Change
from functions.models.ports import Decide, ModelStore
from functions.models.registration_checks import check_registration
from functions.models.version_lists import VersionSummary


class Service:
    """Registers versions and says which of them the aliases name.

    Args:
        store: the documents.
        files: the bucket that holds the ONNX files.
        check_file: refuses a registration whose file cannot be served (`FileCheck.check`).
        clock: tells when something happens.
    """

    def __init__(
        self,
        store: ModelStore,
        files: Bucket,
        check_file: Callable[[Registration], None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._files = files
        self._check_file = check_file
        self._clock = clock

    def register(
        self,
        place: Place,
        registration: Registration,
        caller: Caller,
        request: str | None = None,
    ) -> tuple[Version, bool]:
        """Add a version made by `registration.job`, once; return it and whether it is new.

        It is the caller's; a function of our own says whose. So it is for a `request`
        (`idempotency.id_of`): again it gives the version that it made.

        Raises:
            Invalid: when the registration contradicts itself, or its file is not there or cannot be
                served.
            Conflict: when the model is for another task or target, or the request was another.
        """
        check_name("model", place.name)
        owner = caller.account or registration.owner
        registration = msgspec.structs.replace(registration, owner=owner)
        check_registration(place, registration)
        self._check_file(registration)
        act = Act(caller.name, owner, self._clock.now())

        def start(model: Model | None) -> aliases.Changed:
            task, target = registration.task, registration.target
            model = model or aliases.start(place.name, secrets.token_hex(8), task, target, act)
            return aliases.add_version(model, task, target, act)

        version, new = self._store.register(place, registration, start, request)
        if new:
            self._sweep(place)
        elif request is not None and version.registration != registration:
            raise idempotency.other_request()
        return version, new

    def models(self, caller: Caller, query: PageQuery) -> Page[Model]:
        """Return a page of the models that the caller sees, by name."""
        if caller.only is None:
            found = self._store.models(caller.workspace, query.limit + 1, query.after)
        else:
            found = self._only(caller.workspace, *caller.only)
        return page_of(found, query.limit, lambda model: model.name)

    def _only(self, workspace: str, kind: str, name: str) -> list[Model]:
        """Return the model that a key is for, if there is one."""
        try:
            return [self.model(Place(workspace, name))] if kind == "model" else []
        except (NotFound, Invalid):
            return []

    def model(self, place: Place) -> Model:
        """Return a model; raises NotFound."""
        check_name("model", place.name)
        return self._store.model(place)

    def versions(self, place: Place, query: PageQuery) -> Page[VersionSummary]:
        """Return a page of a model's versions, newest first; raises NotFound."""
        self.model(place)
        found = self._store.versions(place, query.limit + 1, query.after_number)
        return page_of(found, query.limit, lambda version: str(version.version))

    def history(self, place: Place, query: PageQuery) -> Page[Change]:
        """Return a page of what happened to a model, newest first; raises NotFound."""
        self.model(place)
        found = self._store.history(place, query.limit + 1, query.after_number)
        page = page_of(found, query.limit, lambda line: str(line[0]))
        return page.each(lambda line: line[1])

    def version(self, place: Place, version: str) -> Version:
        """Return a version; raises NotFound."""
        check_name("model", place.name)
        return self._store.version(place, version_number(version))

    def promote(
        self, place: Place, alias: str, version: int, caller: Caller, if_match: IfMatch
    ) -> Model:
        """Let `alias` name `version`; raises NotFound, Stale or Invalid."""
        aliases.check_alias(alias)
        act = self._act(caller)
        return self._change(
            place, if_match, lambda model: aliases.promote(model, alias, version, act)
        )

    def roll_back(self, place: Place, alias: str, caller: Caller, if_match: IfMatch) -> Model:
        """Let `alias` name what it named before; raises NotFound, Conflict or Stale."""
        act = self._act(caller)
        return self._change(place, if_match, lambda model: aliases.roll_back(model, alias, act))

    def remove_alias(self, place: Place, alias: str, caller: Caller, if_match: IfMatch) -> Model:
        """Forget `alias`; raises NotFound or Stale."""
        act = self._act(caller)
        return self._change(place, if_match, lambda model: aliases.remove_alias(model, alias, act))

    def delete_version(
        self, place: Place, version: str, caller: Caller, if_match: IfMatch
    ) -> Model:
        """Remove a version and its file; raises NotFound, Conflict or Stale."""
        found = self.version(place, version)
        act = self._act(caller)
        model = self._change(
            place,
            if_match,
            lambda model: aliases.delete_version(model, found.version, act),
            gone=found.version,
        )
        # After the document: a file without a version is only waste, the opposite would be a lie.
        self._files.delete(found.file.path)
        return model

    def delete(self, place: Place, if_match: IfMatch) -> None:
        """Remove a model, its versions and their files; raises NotFound or Stale."""
        check_name("model", place.name)
        paths = self._store.delete(place, lambda model: _check_unchanged(model, if_match))
        for path in paths:
            self._files.delete(path)
        self._sweep(place)

    def _sweep(self, place: Place) -> None:
        """Remove the files that training's tries wrote for a model and died before they named."""
        sweeper.sweep(
            self._files,
            files_of(place),
            lambda _: self._store.file_paths(place),
            ours=is_of_a_job,
            now=self._clock.now(),
        )

    def _change(
        self,
        place: Place,
        if_match: IfMatch,
        change: Decide,
        gone: int | None = None,
    ) -> Model:
        check_name("model", place.name)

        def decide(model: Model) -> aliases.Changed | None:
            _check_unchanged(model, if_match)
            return change(model)

        return self._store.change(place, decide, gone)

    def _act(self, caller: Caller) -> Act:
        return Act(caller.name, caller.account, self._clock.now())


def _check_unchanged(model: Model, if_match: IfMatch) -> None:
    check_match(if_match, model.revision, f"Model '{model.name}'")
