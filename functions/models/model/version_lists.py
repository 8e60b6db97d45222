"""Versions as a list shows them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.models.registration import TEXTS, ModelFile
from functions.kit.contract.models.signature import Task


class VersionSummary(msgspec.Struct, kw_only=True):
    """A version without what fills pages: its evaluation, signature and card."""

    model: str
    version: int
    job: str
    dataset: str
    revision: int
    target: str
    task: Task
    algorithm: str
    file: ModelFile | None = None
    function: str | None = None
    settings: dict[str, Any]
    metrics: dict[str, Any]
    line: int = 1
    tags: list[str] = []
    note: str = ""
    owner: str = OWNER
    created_at: dt.datetime


FIELDS = VersionSummary.__struct_fields__


def read(document: Mapping[str, Any]) -> VersionSummary:
    """Return what a list shows of a version's document, of which `FIELDS` are enough."""
    texts = {name: msgspec.json.decode(document[name]) for name in TEXTS if name in FIELDS}
    return msgspec.convert({**document, **texts}, VersionSummary)
