"""Free text made plain, so that a graph need only count what lies between single spaces."""

from functions.kit.lazy import pattern

# Characters read of a text; what comes after them says little more of its subject.
MOST_READ = 4000
MOST_SPELT = 400
GAP = "_"

_NO_WORD = pattern(r"[\W_]+")


def words(text: str) -> str:
    """Return the words in small letters, parted by single spaces: "Mrs. O'Hara" → "mrs o hara"."""
    return _NO_WORD.sub(" ", text[:MOST_READ].casefold()).strip()


def characters(text: str) -> str:
    """Return letters and digits, parted by single spaces, `GAP` around words: "a1" → "_ a 1 _"."""
    plain = words(text[:MOST_SPELT])
    return " ".join(f" {plain} ".replace(" ", GAP)) if plain else ""
