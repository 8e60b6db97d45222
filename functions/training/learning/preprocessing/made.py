"""Features that somebody asked for: ratios, differences, sums, buckets, patterns, lengths, gaps."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Encoding, Feature
from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning.graph.graph import Graph
from functions.training.learning.preprocessing.part import evaluate
from functions.training.learning.rows import Rows
from functions.training.model.requests.spec import FeatureRecipe
from functions.training.model.task import UnsuitableData

DOUBLE = 11
TEXTS: set[Kind] = {"category", "text"}
# What a recipe takes its columns as; of several, the one that suits the column.
_ENCODINGS: dict[str, list[Encoding]] = {
    "ratio": ["double"],
    "difference": ["double"],
    "sum": ["double"],
    "bucket": ["double"],
    "pattern": ["string"],
    "length": ["characters"],
    "is_missing": ["double", "string"],
}
PAIRS = {"ratio": "Div", "difference": "Sub", "sum": "Add"}


def needed(recipe: FeatureRecipe, columns: Mapping[str, Column]) -> list[tuple[str, Encoding]]:
    """Return the columns that a recipe takes, each with the encoding that it needs.

    Raises:
        UnsuitableData: there is no such column, or it is of another kind.
    """
    wanted = 2 if recipe.make in PAIRS else 1
    if len(recipe.of) != wanted:
        raise UnsuitableData(
            f"The feature '{recipe.name}' ({recipe.make}) takes {wanted} of the columns, "
            f"not {len(recipe.of)}."
        )
    _check_settings(recipe)
    return [(name, _encoding(recipe, columns.get(name), name)) for name in recipe.of]


def _check_settings(recipe: FeatureRecipe) -> None:
    if recipe.make == "bucket" and (not recipe.edges or sorted(recipe.edges) != recipe.edges):
        raise UnsuitableData(f"The feature '{recipe.name}' needs 'edges', in rising order.")
    if recipe.make == "pattern" and not recipe.pattern:
        raise UnsuitableData(f"The feature '{recipe.name}' needs a 'pattern'.")
    if recipe.make == "pattern":
        _check_pattern(recipe)


def _check_pattern(recipe: FeatureRecipe) -> None:
    try:
        pc.match_substring_regex(pa.array([""]), recipe.pattern)  # by RE2, as onnxruntime does
    except pa.ArrowInvalid as error:
        text = f"The feature '{recipe.name}': '{recipe.pattern}' is no pattern of RE2 ({error})."
        raise UnsuitableData(text) from error


def _encoding(recipe: FeatureRecipe, column: Column | None, name: str) -> Encoding:
    if column is None:
        raise UnsuitableData(
            f"The feature '{recipe.name}' is of '{name}'; there is no such column."
        )
    is_text = column.kind in TEXTS
    if recipe.make == "is_missing":
        return "string" if is_text else "double"
    [encoding] = _ENCODINGS[recipe.make]
    if is_text != (encoding != "double"):
        what = "texts" if encoding != "double" else "numbers, moments or days"
        raise UnsuitableData(
            f"The feature '{recipe.name}' ({recipe.make}) is made of {what}; "
            f"'{name}' is a {column.kind}."
        )
    return encoding


def of(recipe: FeatureRecipe, features: Sequence[Feature]) -> "Made":
    """Return the numbers of a recipe whose inputs are among `features`."""
    encodings = _ENCODINGS[recipe.make]
    by_column = {(one.column, one.encoding): one for one in features}
    found = [
        next(by_column[name, one] for one in encodings if (name, one) in by_column)
        for name in recipe.of
    ]
    return Made(recipe, found)


class Made:
    """The numbers of one recipe.

    A ratio by zero is missing, as is what is made of something missing; a moment counts in
    seconds; a length is that of the plain text, a gap between words counted as one.
    """

    def __init__(self, recipe: FeatureRecipe, features: Sequence[Feature]) -> None:
        """Args: recipe, and the inputs that it is made of, in its order."""
        self.name = recipe.name
        self._recipe = recipe
        self._features = features

    def values(self, rows: Rows) -> NDArray[np.float64]:
        """Return the numbers of some rows, NaN where one is missing: [rows]."""
        features = list({one.input: one for one in self._features}.values())
        graph = Graph(features)
        found: NDArray[np.float64] = evaluate(
            features, rows.inputs, self.add_to(graph), graph, np.float64
        )
        return found[:, 0]

    def add_to(self, graph: Graph) -> str:
        """Add what makes them; return the tensor [rows, 1], float64."""
        inputs = [one.input for one in self._features]
        match self._recipe.make:
            case "ratio" | "difference" | "sum":
                return _finite(graph, graph.add(PAIRS[self._recipe.make], inputs))
            case "bucket":
                return self._bucket(graph, inputs[0])
            case "pattern":
                return self._pattern(graph, inputs[0])
            case "length":
                return _length(graph, inputs[0])
            case _:
                return graph.add("Cast", [_absent(graph, self._features[0])], to=DOUBLE)

    def _bucket(self, graph: Graph, tensor: str) -> str:
        edges = graph.constant(np.array([self._recipe.edges], np.float64))
        above = graph.add("Cast", [graph.add("GreaterOrEqual", [tensor, edges])], to=DOUBLE)
        count = graph.add("ReduceSum", [above, graph.constant(np.array([1]))], keepdims=1)
        return _where_known(graph, self._features[0], count)

    def _pattern(self, graph: Graph, tensor: str) -> str:
        whole = f"(?s).*(?:{self._recipe.pattern}).*"
        flag = graph.add("Cast", [graph.add("RegexFullMatch", [tensor], pattern=whole)], to=DOUBLE)
        return _where_known(graph, self._features[0], flag)


def _absent(graph: Graph, feature: Feature) -> str:
    if feature.encoding == "double":
        return graph.add("IsNaN", [feature.input])
    return graph.add("Equal", [feature.input, graph.constant(np.array([""], dtype=object))])


def _where_known(graph: Graph, feature: Feature, tensor: str) -> str:
    gap = graph.constant(np.array(np.nan))
    return graph.add("Where", [_absent(graph, feature), gap, tensor])


def _finite(graph: Graph, tensor: str) -> str:
    """Let what is infinite count as missing."""
    is_infinite = graph.add(
        "Greater", [graph.add("Abs", [tensor]), graph.constant(np.array(1e300))]
    )
    return graph.add("Where", [is_infinite, graph.constant(np.array(np.nan)), tensor])


def _length(graph: Graph, tensor: str) -> str:
    """Count the letters: what lies between the spaces that the kit has put there."""
    flat = graph.add("Reshape", [tensor, graph.constant(np.array([-1]))])
    count = graph.add("StringSplit", [flat], output=1, delimiter=" ")
    number = graph.add("Cast", [count], to=DOUBLE)
    letters = graph.add("Reshape", [number, graph.constant(np.array([-1, 1]))])
    # There is one gap before the first word and one after the last.
    around = graph.add("Sub", [letters, graph.constant(np.array(2.0))])
    return graph.add("Max", [around, graph.constant(np.array(0.0))])
