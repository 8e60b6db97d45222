"""The emulator's own routes: clear, rules, triggers, export and import (contract 8.2, 8.3)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from emulators.firestore.model.errors import InvalidArgumentError, NotFoundError
from emulators.firestore.model.triggers import parse_trigger
from emulators.firestore.transport.http.errors import refusal
from emulators.firestore.transport.http.json_messages import decode
from emulators.firestore.transport.http.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Generator

    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.ports import Exports, Triggers
    from emulators.firestore.transport.http.rules import SecurityRules

_Result = TypeVar("_Result")
PREFIX = "/emulator/v1"
_DOCUMENTS = re.compile(r"/(projects/[^/]+/databases/[^/]+)/documents")
_RULES = re.compile(r"/projects/([^/]+):securityRules")
_TRIGGER = re.compile(r"/projects/([^/]+)/triggers/([^/]+)")


class Admin:
    """Answers everything below /emulator/v1."""

    def __init__(
        self, catalog: Catalog, triggers: Triggers, exports: Exports, rules: SecurityRules
    ) -> None:
        self._catalog = catalog
        self._rules = rules
        self._triggers = triggers
        self._exports = exports
        self._importing = asyncio.Lock()

    async def answer(self, request: Request) -> Response:
        """Answer one request; errors become answers."""
        try:
            return Response(body=json.dumps(await self._find(request)).encode())
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer
            return refusal(error)

    async def _find(self, request: Request) -> Any:
        method, path = request.method, unquote(request.path.removeprefix(PREFIX))
        if method == "DELETE" and (documents := _DOCUMENTS.fullmatch(path)):
            self._catalog.get(documents[1]).clear()
            await self._catalog.durable()
            return {}
        if method == "PUT" and (rules := _RULES.fullmatch(path)):
            content = decode(request.body) if request.body.strip() else {}
            return self._rules.upload(rules[1], content)
        if method in {"PUT", "DELETE"} and (trigger := _TRIGGER.fullmatch(path)):
            return self._trigger(request, trigger[1], trigger[2])
        if method == "POST" and path == ":export":
            await _in_steps(self._exports.export(_folder(request)))
            return {}
        if method == "POST" and path == ":import":
            return {"documents": await self._import(_folder(request))}
        raise NotFoundError(f"There is nothing at {method} {request.path}.")

    async def _import(self, folder: Path) -> dict[str, int]:
        async with self._importing:
            imported = await _in_steps(self._exports.import_(folder))
            await self._catalog.durable()
            return imported

    def _trigger(self, request: Request, project: str, name: str) -> Any:
        if request.method == "PUT":
            self._triggers.add(parse_trigger(name, project, decode(request.body)))
        elif not self._triggers.remove(project, name):
            raise NotFoundError(f'There is no trigger "{name}" in the project "{project}".')
        return {}


async def _in_steps(steps: Generator[None, None, _Result]) -> _Result:
    """Do a long work step by step; other calls go on between the steps."""
    with contextlib.closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as done:
                result: _Result = done.value
                return result
            await asyncio.sleep(0)


def _folder(request: Request) -> Path:
    content = decode(request.body)
    folder = content.get("folder") if isinstance(content, dict) else None
    if not isinstance(folder, str) or "\0" in folder or not Path(folder).is_absolute():
        raise InvalidArgumentError('The body is {"folder": "an absolute path"}.')
    return Path(folder)
