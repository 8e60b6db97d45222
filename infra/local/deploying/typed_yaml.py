"""YAML read into types as strictly as `faas-cli` does (Go's yaml.v3): no more, and no less.

Any plain value is a text, as it is written (`yes` stays `yes`, `1.0` stays `1.0`); a text is no
list; a key comes once. Keys that nobody asks for are let through.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from infra.local.errors import LocalError

T = TypeVar("T")
_TRUE = frozenset(("y", "yes", "true", "on"))
_FALSE = frozenset(("n", "no", "false", "off"))
_NULL = "tag:yaml.org,2002:null"


class Value:
    """A value of a file, with the place that an error names.

    Args:
        file: where it is.
        node: the value; None where nothing is said.
        name: what it is called, from the top: `functions.a.labels`.
    """

    def __init__(self, file: Path, node: yaml.Node | None, name: str = "") -> None:
        self._file = file
        self._node = None if node is None or node.tag == _NULL else node
        self._name = name

    def __bool__(self) -> bool:
        return self._node is not None

    def get(self, key: str) -> "Value":
        """Return what a mapping has under `key`."""
        return dict(self.items()).get(key) or Value(self._file, None, self._below(key))

    def items(self) -> Iterator[tuple[str, "Value"]]:
        """Yield a mapping's keys and values; nothing where nothing is said."""
        if self._node is None:
            return
        if not isinstance(self._node, yaml.MappingNode):
            raise self._wrong("a mapping is wanted")
        for key, value in self._node.value:
            name = Value(self._file, key, self._below("a key")).text()
            yield name, Value(self._file, value, self._below(name))

    def text(self) -> str:
        """Return a plain value as it is written; nothing is an empty text."""
        if self._node is None:
            return ""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self._wrong("a text is wanted")
        return str(self._node.value)

    def flag(self) -> bool:
        """Return whether yes or no is said; nothing is no."""
        said = self.text()
        if not said or said.lower() in _FALSE:
            return False
        if said.lower() not in _TRUE:
            raise self._wrong("true or false is wanted")
        return True

    def texts(self) -> list[str]:
        """Return a list of texts."""
        return [value.text() for value in self.values("a list of texts")]

    def values(self, what: str = "a list") -> "list[Value]":
        """Return what is in a list, called `what` where it is none."""
        if self._node is None:
            return []
        if not isinstance(self._node, yaml.SequenceNode):
            raise self._wrong(f"{what} is wanted")
        nodes = enumerate(self._node.value)
        return [Value(self._file, node, self._below(str(place))) for place, node in nodes]

    def mapping(self, each: Callable[["Value"], T]) -> dict[str, T]:
        """Return a mapping, each of its values read by `each`."""
        return {key: each(value) for key, value in self.items()}

    def _below(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _wrong(self, wanted: str) -> LocalError:
        node: Any = self._node
        found = f", not {node.value!r}" if isinstance(node, yaml.ScalarNode) else ""
        line = node.start_mark.line + 1
        return LocalError(
            f"{self._file}, line {line}: {self._name or 'the file'}: {wanted}{found}."
        )


def load(file: Path, text: str) -> Value:
    """Read a file's text.

    Raises:
        LocalError: it is not YAML, or a key comes twice.
    """
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        _check(file, node)
    except yaml.YAMLError as error:
        raise LocalError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    return Value(file, node)


def _check(file: Path, node: yaml.Node | None) -> None:
    """Refuse a key that comes twice, and put what `<<` names in its place."""
    below: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise LocalError(f"{file}, line {line}: {key.value!r} is there already.")
            seen.add(str(key.value))
            below.append(value)
        yaml.SafeLoader("").flatten_mapping(node)
    elif isinstance(node, yaml.SequenceNode):
        below = node.value
    for one in below:
        _check(file, one)
