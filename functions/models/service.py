"""The registry's use cases."""

import datetime as dt
import secrets
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from functions.kit.adapters import sweeper
from functions.kit.contract.errors import Unreadable
from functions.kit.contract.names import check_name, version_number
from functions.kit.contract.registration import (
    Model,
    Registration,
    Version,
    files_of,
    is_of_a_job,
)
from functions.kit.http.etags import check_if_match, etag
from functions.kit.http.pages import (
    Page,
    PageQuery,
    cursor_after,
    key_of,
)
from functions.models import aliases
from functions.models.aliases import Act, Change
from functions.models.registration_checks import check_registration
from functions.models.store import Store
from functions.models.version_lists import VersionSummary

T = TypeVar("T")

LONGEST_NUMBER = 12  # digits of a version's or a revision's number


class Bucket(Protocol):
    """What the registry needs of the bucket (`kit.adapters.storage.Files`)."""

    def listed(self, prefix: str) -> Iterable[tuple[str, dt.datetime]]:
        """Yield the files whose names begin so, each with the time when it was written."""

    def delete(self, path: str) -> None:
        """Remove a file."""


class Service:
    """Registers versions and says which of them the aliases name.

    Args:
        store: the documents.
        files: the bucket that holds the ONNX files.
        check_file: refuses a registration whose file cannot be served (`FileCheck.check`).
        now: the clock.
    """

    def __init__(
        self,
        store: Store,
        files: Bucket,
        check_file: Callable[[Registration], None],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._store = store
        self._files = files
        self._check_file = check_file
        self._now = now

    def register(self, name: str, registration: Registration, by: str) -> tuple[Version, bool]:
        """Add a version made by `registration.job`, once; return it and whether it is new.

        Raises:
            Invalid: when the registration contradicts itself, or its file is not there or cannot be
                served.
            Conflict: when the model is for another task or target.
        """
        check_name("model", name)
        check_registration(name, registration)
        self._check_file(registration)
        act = self._act(by)

        def start(model: Model | None) -> aliases.Changed:
            task, target = registration.task, registration.target
            model = model or aliases.start(name, secrets.token_hex(8), task, target, act)
            return aliases.add_version(model, task, target, act)

        version, new = self._store.register(name, registration, start)
        if new:
            self._sweep(name)
        return version, new

    def models(self, query: PageQuery) -> Page[Model]:
        """Return a page of models by name."""
        after = key_of(query.cursor) if query.cursor else None
        found = self._store.models(query.limit + 1, after)
        return _page(found, query.limit, lambda model: model.name)

    def model(self, name: str) -> Model:
        """Return a model; raises NotFound."""
        check_name("model", name)
        return self._store.model(name)

    def versions(self, name: str, query: PageQuery) -> Page[VersionSummary]:
        """Return a page of a model's versions, newest first; raises NotFound."""
        self.model(name)
        found = self._store.versions(name, query.limit + 1, _number(query.cursor))
        return _page(found, query.limit, lambda version: str(version.version))

    def history(self, name: str, query: PageQuery) -> Page[Change]:
        """Return a page of what happened to a model, newest first; raises NotFound."""
        self.model(name)
        found = self._store.history(name, query.limit + 1, _number(query.cursor))
        page = _page(found, query.limit, lambda line: str(line[0]))
        return Page([change for _, change in page.items], page.next)

    def version(self, name: str, version: str) -> Version:
        """Return a version; raises NotFound."""
        check_name("model", name)
        return self._store.version(name, version_number(version))

    def promote(self, name: str, alias: str, version: int, by: str, if_match: str | None) -> Model:
        """Let `alias` name `version`; raises NotFound, Stale or Invalid."""
        aliases.check_alias(alias)
        act = self._act(by)
        return self._change(
            name, if_match, lambda model: aliases.promote(model, alias, version, act)
        )

    def roll_back(self, name: str, alias: str, by: str, if_match: str | None) -> Model:
        """Let `alias` name what it named before; raises NotFound, Conflict or Stale."""
        act = self._act(by)
        return self._change(name, if_match, lambda model: aliases.roll_back(model, alias, act))

    def remove_alias(self, name: str, alias: str, by: str, if_match: str | None) -> Model:
        """Forget `alias`; raises NotFound or Stale."""
        act = self._act(by)
        return self._change(name, if_match, lambda model: aliases.remove_alias(model, alias, act))

    def delete_version(self, name: str, version: str, by: str, if_match: str | None) -> Model:
        """Remove a version and its file; raises NotFound, Conflict or Stale."""
        found = self.version(name, version)
        act = self._act(by)
        model = self._change(
            name,
            if_match,
            lambda model: aliases.delete_version(model, found.version, act),
            gone=found.version,
        )
        # After the document: a file without a version is only waste, the opposite would be a lie.
        self._files.delete(found.file.path)
        return model

    def delete(self, name: str, if_match: str | None) -> None:
        """Remove a model, its versions and their files; raises NotFound or Stale."""
        check_name("model", name)
        paths = self._store.delete(name, lambda model: _check_unchanged(model, if_match))
        for path in paths:
            self._files.delete(path)
        self._sweep(name)

    def _sweep(self, name: str) -> None:
        """Remove the files that training's tries wrote for a model and died before they named."""
        sweeper.sweep(
            self._files,
            files_of(name),
            lambda _: self._store.file_paths(name),
            ours=is_of_a_job,
            now=self._now,
        )

    def _change(
        self,
        name: str,
        if_match: str | None,
        change: Callable[[Model], aliases.Changed | None],
        gone: int | None = None,
    ) -> Model:
        check_name("model", name)

        def decide(model: Model) -> aliases.Changed | None:
            _check_unchanged(model, if_match)
            return change(model)

        return self._store.change(name, decide, gone)

    def _act(self, by: str) -> Act:
        return Act(by=by, at=self._now())


def _check_unchanged(model: Model, if_match: str | None) -> None:
    check_if_match(if_match, etag(model.revision), f"Model '{model.name}'")


def _page(found: list[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    items = found[:limit]
    return Page(items, cursor_after(key(items[-1])) if len(found) > limit else None)


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    key = key_of(cursor)
    if not key.isdecimal() or len(key) > LONGEST_NUMBER:
        raise Unreadable("The cursor is not one that this list gave.")
    return int(key)
