"""Whether all values of one JSON Schema are values of another, as msgspec writes schemas.

A body that callers send must still be taken: each value of the old schema is one of the new. A body
that they are given must still be understood: each value of the new schema is one of the old.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
SAME = ("pattern", "format", "multipleOf", "uniqueItems")
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


class Side:
    """One of two documents: the schemas that a reference in it may name."""

    def __init__(self, components: Schemas) -> None:
        self._components = components
        self._parted: dict[int, list[Schema]] = {}

    def alternatives(self, schema: Schema) -> list[Schema]:
        """Return the schemas that a value meets one of, each of one type; [{}] for anything.

        The same ones each time, so that a schema that holds itself is known again.
        """
        if id(schema) not in self._parted:
            self._parted[id(schema)] = self._part(schema)
        return self._parted[id(schema)]

    def _part(self, schema: Schema) -> list[Schema]:
        if "$ref" in schema:
            return self.alternatives(self._components[schema["$ref"].rpartition("/")[2]])
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return [each for one in schema[word] for each in self.alternatives(one)]
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return [{**schema, "type": kind} for kind in kinds]
        values = _values(schema)
        if kinds is None and values is not None:
            found = sorted({TYPES[type(value)] for value in values})
            return [
                {"type": kind, "enum": [one for one in values if TYPES[type(one)] == kind]}
                for kind in found
            ]
        return [schema]


class Comparison:
    """Compares two schemas, each with what its document has beside it.

    Args:
        inner: whose values must all be among `outer`'s.
        is_taken: callers send it; else they are given it, and then pass over what they do not
            know: further fields and names, other bounds.
    """

    def __init__(self, inner: Schemas, outer: Schemas, *, is_taken: bool) -> None:
        self._inner, self._outer = Side(inner), Side(outer)
        self._is_taken = is_taken
        self._met: set[tuple[int, int]] = set()

    def flaws(self, inner: Schema, outer: Schema, place: str = "body") -> Iterator[str]:
        """Yield what a caller stumbles over, and where."""
        wanted = self._outer.alternatives(outer)
        if {} in map(dict, wanted):
            return
        for one in self._inner.alternatives(inner):
            yield from self._nearest(one, wanted, place)

    def _nearest(self, inner: Schema, wanted: list[Schema], place: str) -> Iterator[str]:
        same = [one for one in wanted if _is_of(inner, one)]
        if not same:
            kinds = sorted({str(one.get("type", "anything")) for one in wanted})
            verb = "is not taken any more" if self._is_taken else "may come now"
            yield f"{place}: {_name(inner)} {verb}, only {' or '.join(kinds)}"
            return
        met = set(self._met)
        found = []
        for one in same:
            self._met = set(met)
            found.append(list(self._within(inner, one, place)))
        yield from min(found, key=len)

    def _within(self, inner: Schema, outer: Schema, place: str) -> Iterator[str]:
        if (id(inner), id(outer)) in self._met:
            return  # it holds itself, or was looked at
        self._met.add((id(inner), id(outer)))
        yield from self._of_values(inner, outer, place)
        if self._is_taken:
            yield from _of_bounds(inner, outer, place)
        yield from self._of_fields(inner, outer, place)
        for word in ("items", "additionalProperties"):
            here, there = inner.get(word), outer.get(word)
            if isinstance(here, Mapping) and isinstance(there, Mapping):
                yield from self.flaws(here, there, f"{place}[]")
        pairs = zip(inner.get("prefixItems", ()), outer.get("prefixItems", ()), strict=False)
        for number, (here, there) in enumerate(pairs):
            yield from self.flaws(here, there, f"{place}[{number}]")

    def _of_values(self, inner: Schema, outer: Schema, place: str) -> Iterator[str]:
        allowed, found = _values(outer), _values(inner)
        if allowed is None:
            return
        if found is None:
            yield f"{place}: any {_name(inner)} was or is possible, {allowed} alone there"
        elif self._is_taken and (lost := [one for one in found if one not in allowed]):
            yield f"{place}: {', '.join(map(repr, lost))} is not taken any more"

    def _of_fields(self, inner: Schema, outer: Schema, place: str) -> Iterator[str]:
        ours, theirs = inner.get("properties", {}), outer.get("properties", {})
        for name in outer.get("required", ()):
            if name not in inner.get("required", ()):
                said = "is required now" if self._is_taken else "is not always there any more"
                yield f"{place}.{name} {said}"
        for name, schema in ours.items():
            if name in theirs:
                yield from self.flaws(schema, theirs[name], f"{place}.{name}")
            elif self._is_taken and not isinstance(outer.get("additionalProperties"), Mapping):
                yield f"{place}.{name} is not taken any more"


def _of_bounds(inner: Schema, outer: Schema, place: str) -> Iterator[str]:
    for words, is_less in ((LEAST, True), (MOST, False)):
        for word in words:
            if word not in outer:
                continue
            now, before = outer[word], inner.get(word)
            if before is None or (before < now if is_less else before > now):
                yield f"{place}: {word} is {now} now, {before or 'none'} before"
    for word in SAME:
        if outer.get(word, inner.get(word)) != inner.get(word):
            yield f"{place}: {word} is {outer[word]!r} now, {inner.get(word)!r} before"


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _is_of(inner: Schema, outer: Schema) -> bool:
    """Tell whether two alternatives are of one type, and of one tag where both have one."""
    ours, theirs = inner.get("type"), outer.get("type")
    if ours != theirs and (ours, theirs) != ("integer", "number"):
        return False
    return _tag(inner, outer) == _tag(outer, inner)


def _tag(schema: Schema, other: Schema) -> Any:
    """Return what tells alternatives of a tagged union apart: fields of one value in both."""
    mine, theirs = schema.get("properties", {}), other.get("properties", {})
    return {
        name: values
        for name in sorted(mine.keys() & theirs.keys())
        if len(values := _values(mine[name]) or ()) == 1 == len(_values(theirs[name]) or ())
    }


def _name(schema: Schema) -> str:
    values = _values(schema)
    said = str(schema.get("type", "anything"))
    return said if values is None else f"{said} {', '.join(map(repr, values))}"
