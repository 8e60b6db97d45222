"""The registry's use cases."""

import secrets
from collections.abc import Callable

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Invalid, NotFound
from functions.kit.contract.models.registration import Model, Registration, Version
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests import idempotency
from functions.kit.contract.requests.conditions import IfMatch, check_match
from functions.kit.contract.requests.names import check_name, version_number
from functions.kit.contract.requests.pages import Page, PageQuery, page_of
from functions.models.model import aliases
from functions.models.model.aliases import Act, Change
from functions.models.model.cards import Card, card_of
from functions.models.model.lines import line_of
from functions.models.model.registration_checks import check_registration
from functions.models.model.remarks import Remarks, edit_model, edit_version
from functions.models.model.version_lists import VersionSummary
from functions.models.service.leftovers import Leftovers
from functions.models.service.lists import (
    MODELS,
    VERSIONS,
    ModelsQuery,
    VersionsQuery,
    page_where,
)
from functions.models.service.ports import Decide, KeptAside, ModelStore, Start


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
        self._leftovers = Leftovers(store, files, clock)
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
            Conflict: when callers of the model would break (`model/lines.py`), or the request was
                another.
        """
        check_name("model", place.name)
        owner = caller.account or registration.owner
        registration = msgspec.structs.replace(registration, owner=owner)
        check_registration(place, registration)
        self._check_file(registration)
        act = Act(caller.name, owner, self._clock.now())

        start = _start(place, registration, act)
        try:
            version, new = self._store.register(place, registration, start, request)
        except KeptAside:
            # Its name is used anew: who took it away can have it back no more.
            self._leftovers.purge(place)
            version, new = self._store.register(place, registration, start, request)
        if new:
            self._leftovers.sweep(place)
        elif request is not None and version.registration != registration:
            raise idempotency.other_request()
        return version, new

    def models(self, caller: Caller, query: ModelsQuery) -> Page[Model]:
        """Return a page of the models that the caller sees and asks for, by name."""
        only = caller.only
        if only is not None:
            found = self._only(caller.workspace, *only)
            return MODELS.page(filter(query.holds, found), query)

        def read(limit: int, after: str | None) -> list[Model]:
            return self._store.models(caller.workspace, limit, after)

        return page_where(read, query.holds, MODELS, query)

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

    def versions(self, place: Place, query: VersionsQuery) -> Page[VersionSummary]:
        """Return a page of a model's versions that are asked for, newest first; raises NotFound."""
        self.model(place)
        if query.plain:
            _ = query.after_number  # a cursor of ours is a number

        def read(limit: int, below: str | None) -> list[VersionSummary]:
            return self._store.versions(place, limit, None if below is None else int(below))

        return page_where(read, query.holds, VERSIONS, query)

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

    def card(self, place: Place, version: str) -> Card:
        """Return the card of a version; raises NotFound."""
        model = self.model(place)
        return card_of(model, self.version(place, version))

    def promote(
        self,
        place: Place,
        alias: str,
        version: int,
        caller: Caller,
        if_match: IfMatch,
        reason: str = "",
    ) -> Model:
        """Let `alias` name `version`, for a reason; raises NotFound, Stale or Invalid."""
        aliases.check_alias(alias)
        act = self._act(caller, reason)
        return self._change(
            place, if_match, lambda model: aliases.promote(model, alias, version, act)
        )

    def promote_over(
        self,
        place: Place,
        alias: str,
        version: int,
        over: tuple[str, int],
        because: str,
        caller: Caller,
        if_match: IfMatch,
        reason: str = "",
    ) -> Model | None:
        """As `promote`, if an alias names the version that this one is better than; else None.

        Args:
            place: of the model.
            alias: that shall name the version.
            version: its number.
            over: an alias, and the version that it named when the two were compared.
            because: what the comparison says, for the history.
            caller: who promotes.
            if_match: of the model's revision.
            reason: why, in the caller's words.
        """
        aliases.check_alias(alias)
        act, other = self._act(caller, reason), False

        def decide(model: Model) -> aliases.Changed | None:
            nonlocal other
            other = model.aliases.get(over[0]) != over[1]
            return None if other else aliases.promote(model, alias, version, act, because)

        model = self._change(place, if_match, decide)
        return None if other else model

    def roll_back(
        self, place: Place, alias: str, caller: Caller, if_match: IfMatch, reason: str = ""
    ) -> Model:
        """Let `alias` name what it named before; raises NotFound, Conflict or Stale."""
        act = self._act(caller, reason)
        return self._change(place, if_match, lambda model: aliases.roll_back(model, alias, act))

    def remove_alias(self, place: Place, alias: str, caller: Caller, if_match: IfMatch) -> Model:
        """Forget `alias`; raises NotFound or Stale."""
        act = self._act(caller)
        return self._change(place, if_match, lambda model: aliases.remove_alias(model, alias, act))

    def delete_version(
        self, place: Place, version: str, caller: Caller, if_match: IfMatch
    ) -> Model:
        """Take a version away, for a while; raises NotFound, Conflict or Stale."""
        number, act = version_number(version), self._act(caller)
        model = self._change(
            place, if_match, lambda model: aliases.delete_version(model, number, act), gone=number
        )
        self._leftovers.sweep(place)
        return model

    def restore_version(
        self, place: Place, version: str, caller: Caller, if_match: IfMatch
    ) -> Model:
        """Have a version back that was taken away; raises NotFound, Conflict or Stale."""
        check_name("model", place.name)
        number, act = version_number(version), self._act(caller)

        def decide(model: Model) -> aliases.Changed:
            _check_unchanged(model, if_match)
            if not 1 <= number <= model.latest:
                raise aliases.no_version(model.name, number)
            return aliases.restore_version(model, number, act)

        return self._store.put_back(place, number, decide)

    def delete(self, place: Place, caller: Caller, if_match: IfMatch) -> None:
        """Take a model away with its versions, for a while; raises NotFound or Stale."""
        check_name("model", place.name)
        act = self._act(caller)

        def decide(model: Model) -> aliases.Changed:
            _check_unchanged(model, if_match)
            return aliases.delete_model(model, act)

        self._store.delete(place, decide)
        self._leftovers.sweep(place)

    def restore(self, place: Place, caller: Caller) -> Model:
        """Have a model back that was taken away; raises NotFound or Conflict."""
        check_name("model", place.name)
        act = self._act(caller)
        return self._store.restore(place, lambda model: aliases.restore_model(model, act))

    def edit(self, place: Place, remarks: Remarks, caller: Caller, if_match: IfMatch) -> Model:
        """Write tags and a note beside a model; raises NotFound, Stale or Invalid."""
        act = self._act(caller)
        return self._change(place, if_match, lambda model: edit_model(model, remarks, act))

    def edit_version(
        self, place: Place, version: str, remarks: Remarks, caller: Caller, if_match: IfMatch
    ) -> Version:
        """Write tags and a note beside a version; raises NotFound, Stale or Invalid."""
        check_name("model", place.name)
        act, number = self._act(caller), version_number(version)

        def edit(model: Model, found: Version) -> tuple[aliases.Changed, Version] | None:
            check_match(if_match, found.edition, f"Version {number} of '{place.name}'", "edition")
            return edit_version(model, found, remarks, act)

        return self._store.edit(place, number, edit)

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

    def _act(self, caller: Caller, reason: str = "") -> Act:
        return Act(caller.name, caller.account, self._clock.now(), reason)


def _start(place: Place, registration: Registration, act: Act) -> Start:
    """Return what begins a version of a model that may be new."""
    task, target = registration.task, registration.target

    def start(model: Model | None, newest: Version | None) -> tuple[aliases.Changed, int]:
        line = line_of(newest, registration)
        model = model or aliases.start(place.name, secrets.token_hex(8), task, target, act)
        new_line = registration.new_line
        return aliases.add_version(model, task, target, act, new_line=new_line), line

    return start


def _check_unchanged(model: Model, if_match: IfMatch) -> None:
    check_match(if_match, model.revision, f"Model '{model.name}'")
