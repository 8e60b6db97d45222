"""The emulator's own routes: clear, rules, triggers, export and import (contract 8.2, 8.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from emulators.firestore.model.errors import NotFoundError
from emulators.firestore.transport.http import Request, Response
from emulators.firestore.transport.statuses import refusal

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog

PREFIX = "/emulator/v1/"
_DOCUMENTS = re.compile(r"(projects/[^/]+/databases/[^/]+)/documents")
_RULES = re.compile(r"projects/[^/]+:securityRules")


class Admin:
    """Answers everything below /emulator/v1/."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def answer(self, request: Request) -> Response:
        """Answers one request; errors become answers."""
        try:
            return self._find(request)
        except Exception as error:  # noqa: BLE001 (the edge: every error becomes an answer)
            return refusal(error)

    def _find(self, request: Request) -> Response:
        path = unquote(request.path.removeprefix(PREFIX))
        if request.method == "DELETE" and (documents := _DOCUMENTS.fullmatch(path)):
            self._catalog.get(documents[1]).clear()
            return _DONE
        if request.method == "PUT" and _RULES.fullmatch(path):
            return _DONE
        raise NotFoundError(f"There is nothing at {request.method} {request.path}.")


_DONE = Response(body=b"{}")
