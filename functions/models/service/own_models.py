"""Functions that are models: what one says of itself becomes a version."""

import hashlib
from typing import Protocol

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Failed, Invalid, NotFound
from functions.kit.contract.models.own_models import FunctionName, Schema
from functions.kit.contract.models.registration import Registration, Version
from functions.models.service.registry import Service

ALGORITHM = "function"


class OwnModel(msgspec.Struct, forbid_unknown_fields=True):
    """Which function is a model, and whether it may take and answer otherwise than before."""

    function: FunctionName
    new_line: bool = False


class Ask(Protocol):
    """Asks functions of themselves; each call may raise NotFound, Away or Failed."""

    def schema(self, function: Place) -> Schema:
        """Return what a function takes and answers."""

    def check(self, function: Place) -> None:
        """Return if it can answer."""


class OwnModels:
    """Registers functions.

    Args:
        service: the registry.
        ask: reaches functions.
    """

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask

    def register(
        self, place: Place, wanted: OwnModel, caller: Caller, request: str | None = None
    ) -> tuple[Version, bool]:
        """Ask a function what it takes and answers, and make that a version, if it is new.

        Returns:
            The version, and whether it is new.

        Raises:
            NotFound: there is no such function of the workspace's.
            Away: the function does not answer.
            Invalid: what it says of itself cannot be.
            Conflict: callers of the model would break (`model/lines.py`).
        """
        schema = self._schema(Place(place.workspace, wanted.function))
        newest = self._newest(place)
        registration = _registration(wanted, schema, newest)
        if newest is not None and _is_same(newest, registration):
            return newest, False
        return self._service.register(place, registration, caller, request)

    def _schema(self, function: Place) -> Schema:
        """Return what a function says; what it says amiss is who registers it to mend."""
        try:
            return self._ask.schema(function)
        except Failed as error:
            raise Invalid(error.detail, *error.flaws) from error

    def _newest(self, place: Place) -> Version | None:
        try:
            model = self._service.model(place)
            there = (number for number in range(model.latest, 0, -1) if model.has(number))
            number = next(there, None)
            return None if number is None else self._service.version(place, str(number))
        except NotFound:
            return None


def _is_same(newest: Version, registration: Registration) -> bool:
    return (newest.function, newest.signature) == (registration.function, registration.signature)


def _registration(wanted: OwnModel, schema: Schema, newest: Version | None) -> Registration:
    """Return what is registered: once, however often the same is asked for meanwhile."""
    digest = hashlib.sha256(msgspec.json.encode(schema)).hexdigest()[:32]
    after = 0 if newest is None else newest.version
    return Registration(
        job=f"{ALGORITHM}-{wanted.function}-{after}-{digest}",
        target=schema.target,
        task=schema.task,
        algorithm=ALGORITHM,
        signature=schema.signature,
        function=wanted.function,
        new_line=wanted.new_line,
    )
