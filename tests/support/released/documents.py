"""What of an OpenAPI document breaks callers of an older one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.released.schemas import Comparison

Document = Mapping[str, Any]
PARAMETER = re.compile(r"\{\w+\}")
ANY = "default"  # what an error of any status is


def broken(old: Document, new: Document) -> list[str]:
    """Return what callers of `old` stumble over in `new`, each with its route."""
    return list(_Change(old, new).flaws())


def _plain(path: str) -> str:
    """Return a path without the names of its parameters, which callers never see."""
    return PARAMETER.sub("{}", path)


class _Change:
    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new

    def flaws(self) -> Iterator[str]:
        there = {_plain(path): operations for path, operations in self._new["paths"].items()}
        for path, operations in self._old["paths"].items():
            for method, operation in operations.items():
                place = f"{method.upper()} {path}"
                now = there.get(_plain(path), {}).get(method)
                if now is None:
                    yield f"{place} is gone"
                else:
                    yield from (f"{place}: {flaw}" for flaw in self._of(operation, now))

    def _of(self, old: Document, new: Document) -> Iterator[str]:
        if "security" in new and "security" not in old:
            yield "needs a key now"
        yield from self._of_parameters(old, new)
        yield from self._of_request(old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status < "4" or status == ANY:
                yield from self._of_answer(status, answer, new["responses"].get(status))

    def _parameters(self, document: Document, operation: Document) -> dict[Any, Document]:
        shared = document["components"].get("parameters", {})
        said = operation.get("parameters", ())
        found = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in said]
        return {(one["in"], one["name"]): one for one in found if one["in"] != "path"}

    def _of_parameters(self, old: Document, new: Document) -> Iterator[str]:
        before, now = self._parameters(self._old, old), self._parameters(self._new, new)
        for key, parameter in now.items():
            was_required = before.get(key, {}).get("required", False)
            if parameter.get("required") and not was_required:
                yield f"the {key[0]} parameter {key[1]} is required now"
        for key, parameter in before.items():
            place = f"the {key[0]} parameter {key[1]}"
            if key not in now:
                yield f"{place} is not taken any more"
            else:
                yield from self._taken(parameter["schema"], now[key]["schema"], place)

    def _of_request(self, old: Document | None, new: Document | None) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield "a body is required now"
            return
        if new is None:
            yield "no body is taken any more"
            return
        for media, content in old["content"].items():
            if media not in new["content"]:
                yield f"{media} is not taken any more"
            else:
                schema, now = content.get("schema", {}), new["content"][media].get("schema", {})
                yield from self._taken(schema, now, "its body")

    def _of_answer(self, status: str, old: Document, new: Document | None) -> Iterator[str]:
        if new is None:
            yield f"{status} is not answered any more"
            return
        there = new.get("content", {})
        for media, content in old.get("content", {}).items():
            if media not in there:
                yield f"{status} is not answered as {media} any more"
            else:
                yield from self._given(
                    content.get("schema", {}), there[media].get("schema", {}), f"answer {status}"
                )

    def _taken(self, old: Document, new: Document, place: str) -> Iterator[str]:
        comparison = Comparison(_schemas(self._old), _schemas(self._new), is_taken=True)
        return comparison.flaws(old, new, place)

    def _given(self, old: Document, new: Document, place: str) -> Iterator[str]:
        comparison = Comparison(_schemas(self._new), _schemas(self._old), is_taken=False)
        return comparison.flaws(new, old, place)


def _schemas(document: Document) -> Mapping[str, Document]:
    found: Mapping[str, Document] = document["components"]["schemas"]
    return found
