"""Free text: how often its words, or pieces of them, come up (TF-IDF).

The kit makes a text plain and parts it by single spaces, words or letters; the graph splits it
there and counts. The vocabulary is what says most of the target, and bounded, for the matrix is
dense.
"""

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.plain_text import GAP
from functions.kit.contract.models.signature import Feature
from functions.training.learning.graph.graph import Graph
from functions.training.learning.preprocessing.part import Wish
from functions.training.learning.rows import Rows

MOST_TERMS = {"linear": 400, "trees": 32, "native": 32}
# In standard errors: how far the target must lie from its mean where a term is. Trees try every
# column at every split, and so find what is there by chance.
LEAST_TOLD = {"linear": 1.0, "trees": 4.0, "native": 4.0}
FEWEST_TERMS = 16
# As many of the best are kept, whatever they tell: of a text there must be something.
LEAST_KEPT = 8
# Numbers in the matrix that one text may take.
MOST_CELLS = 20_000_000
ROWS_A_TERM = 5
RAREST, COMMONEST = 4, 0.98  # rows, and share of the rows
MOST_CANDIDATES = 50_000


@dataclass(frozen=True)
class _Kind:
    """What is counted of texts.

    Attributes:
        least: pieces in the shortest run that is counted.
        most: pieces in the longest.
        joint: what a run's pieces are written with between them.
        sample: texts that the vocabulary is chosen from.
    """

    least: int
    most: int
    joint: str
    sample: int

    def pieces(self, term: str) -> list[str]:
        """Return the pieces of a run."""
        return term.split(self.joint) if self.joint else list(term)

    def terms(self, text: str) -> frozenset[str]:
        """Return the runs of a text."""
        return _short_terms(self, text) if len(text) <= SHORT else _terms(self, text)


def _terms(kind: _Kind, text: str) -> frozenset[str]:
    pieces = text.split(" ") if text else []
    whole = pieces if kind.joint else "".join(pieces)
    return frozenset(
        kind.joint.join(whole[begin : begin + length])
        for length in range(kind.least, kind.most + 1)
        for begin in range(len(pieces) - length + 1)
    )


# Folds and candidates ask for the same texts again and again. So many, of so few characters, take
# some forty megabytes at most.
SHORT, MOST_KEPT = 60, 3_000
_short_terms = functools.lru_cache(MOST_KEPT)(_terms)


KINDS = {"words": _Kind(1, 2, " ", 4_000), "characters": _Kind(2, 4, "", 1_000)}


class Prose:
    """The columns of one text."""

    def __init__(self, feature: Feature, wish: Wish) -> None:
        self._feature = feature
        self._wish = wish
        self._kind = KINDS[feature.encoding]
        self._terms: list[str] = []
        self._weights: list[float] = []
        self.names: list[str] = []
        self.categories: list[int] = []

    def fit(self, rows: Rows) -> None:
        """Learn the vocabulary from the training rows."""
        count = len(rows.target)
        chosen = np.linspace(0, count - 1, min(count, self._kind.sample)).round().astype(int)
        texts: list[str] = rows.some(self._feature.input, chosen).tolist()
        targets = _targets(rows.target[chosen], self._wish)
        bound = max(min(MOST_CELLS // count, count // ROWS_A_TERM), FEWEST_TERMS)
        most = min(MOST_TERMS[self._wish.view], bound)
        found = _informative(texts, self._kind, targets, LEAST_TOLD[self._wish.view])[:most]
        # The operator's vocabulary is sorted by length.
        found.sort(key=lambda one: (len(self._kind.pieces(one[0])), one[0]))
        self._terms = [term for term, _ in found]
        self._weights = [float(np.log((1 + len(texts)) / (1 + rows))) + 1 for _, rows in found]
        self.names = [f"{self._feature.column}: '{term.replace(GAP, ' ')}'" for term in self._terms]

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor [rows, columns], float32."""
        flat = graph.add("Reshape", [self._feature.input, graph.constant(np.array([-1]))])
        split = graph.add("StringSplit", [flat], delimiter=" ")
        counts = graph.add("TfIdfVectorizer", [split], **self._vocabulary())
        if self._wish.view != "linear":
            return counts
        squares = graph.add("ReduceSumSquare", [counts, graph.constant(np.array([1]))], keepdims=1)
        length = graph.add("Sqrt", [squares])
        least = graph.add("Max", [length, graph.constant(np.array(1.0, np.float32))])
        return graph.add("Div", [counts, least])

    def _vocabulary(self) -> dict[str, Any]:
        terms = [self._kind.pieces(term) for term in self._terms]
        pools = [
            [piece for term in terms if len(term) == length for piece in term]
            for length in range(1, self._kind.most + 1)
        ]
        starts = np.cumsum([0, *map(len, pools)])[:-1]
        weights = {"weights": self._weights} if self._wish.view == "linear" else {}
        return {
            "mode": "TFIDF" if weights else "TF",
            "min_gram_length": self._kind.least,
            "max_gram_length": self._kind.most,
            "max_skip_count": 0,
            "ngram_counts": starts.tolist(),
            "ngram_indexes": list(range(len(self._terms))),
            "pool_strings": [word for pool in pools for word in pool],
            **weights,
        }

    def own(self, rows: Rows) -> NDArray[np.float32] | None:  # noqa: ARG002 - the part's shape
        """Return None: a row's target is not in its columns."""
        return None


def _targets(target: NDArray[Any], wish: Wish) -> NDArray[np.float64]:
    """Return what terms are to tell of: [rows, targets], of mean 0 and spread 1."""
    columns = np.eye(wish.labels)[target] if wish.labels else target.reshape(-1, 1)
    off = columns - columns.mean(axis=0)
    spread = off.std(axis=0)
    scaled: NDArray[np.float64] = off / np.where(spread > 0, spread, 1.0)
    return scaled


def _informative(
    texts: Sequence[str], kind: _Kind, targets: NDArray[np.float64], least: float
) -> list[tuple[str, int]]:
    """Return the terms that tell of the targets, the best first, each with the rows it is in."""
    sets = [kind.terms(text) for text in texts]
    counts = Counter(term for one in sets for term in one)
    largest = COMMONEST * len(sets)
    usable = [one for one in counts.most_common(MOST_CANDIDATES) if RAREST <= one[1] <= largest]
    places = {term: place for place, (term, _) in enumerate(usable)}
    sums = np.zeros((len(usable), targets.shape[1]))
    for row, one in enumerate(sets):
        # In order: sums of floats must not depend on how Python hashes texts.
        held = [places[term] for term in one if term in places]
        sums[held] += targets[row]
    rows = np.array([count for _, count in usable], dtype=np.float64).reshape(-1, 1)
    told = np.abs(sums / np.sqrt(rows)).max(axis=1, initial=0.0)
    best = sorted(range(len(usable)), key=lambda place: (-round(told[place], 9), usable[place][0]))
    kept = max(int((told >= least).sum()), LEAST_KEPT)
    return [usable[place] for place in best[:kept]]
