"""In which encoding a file of text is, by its first bytes, and how sure that is."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import charset_normalizer
else:
    charset_normalizer = Lazy("charset_normalizer")

UTF_8 = "utf-8"
# Below this nobody should decide for a person.
SURE = 0.6
_MARKS = {
    codecs.BOM_UTF8: UTF_8,
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# What Windows-1252 has where ISO-8859-1 has control codes, but for what stands in text.
_C1 = range(0x80, 0xA0)
_PUNCTUATION = (
    "€„…\u201a\u2018\u2019“”•\u2013—™°£§©®«»·¿¡½¼¾²³µ¹±\u00d7ªº\u00a0"  # quotes, dashes, signs
)
# Letters that words of Western Europe are made of; of ÿ, Þ, ð and the like a word is a rarity.
_LETTERS = "äöüßÄÖÜéèêëÉÈÊáàâãåÁÀÂÃÅíìîïÍÓòóôõøÒÔÕØúùûÚñÑçÇæÆœŒšŠžŽ"

# In words of other scripts, letters beyond ASCII stand together.
_TOGETHER = re.compile(rb"[\x80-\xff]{3,}")
_GUESSED = 16 * 1024  # bytes


class Encoding(NamedTuple):
    """An encoding by Python's name, how sure it is (0 to 1), and why."""

    name: str
    sure: float
    reason: str


def detect(head: bytes, *, whole: bool) -> Encoding:
    """Detect the encoding of a file that begins with `head`; `whole`: it is all there is."""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return Encoding(name, 1.0, "it begins with the byte order mark of this encoding")
    if wide := _wide(head):
        return wide
    good, bad = _utf_8(head, whole=whole)
    if bad == 0:
        kinds = "all its bytes are ASCII" if good == 0 else "all its bytes are well-formed UTF-8"
        return Encoding(UTF_8, 0.9 if good == 0 else 0.99, kinds)
    if good > bad:
        return Encoding(UTF_8, good / (good + bad), f"{good:,} characters are UTF-8, {bad:,} not")
    return _narrow(head)


def _wide(head: bytes) -> Encoding | None:
    """Tell UTF-16 without a mark: of Latin text every second byte is zero."""
    pairs = len(head) // 2
    if pairs == 0:
        return None
    for name, zeros, others in (
        ("utf-16-le", head[1::2], head[0::2]),
        ("utf-16-be", head[0::2], head[1::2]),
    ):
        share = zeros.count(0) / pairs
        if share > SURE and others.count(0) < pairs / 10:
            return Encoding(name, round(min(0.98, share), 2), "every second byte is zero")
    return None


def _utf_8(head: bytes, *, whole: bool) -> tuple[int, int]:
    """Return how many characters beyond ASCII are well-formed, and how many bytes are not."""
    text = head.decode(errors="surrogateescape")
    bad = sum("\udc80" <= letter <= "\udcff" for letter in text[:-3])
    tail = text[-3:]
    if whole or not any("\udc80" <= letter <= "\udcff" for letter in tail):
        bad += sum("\udc80" <= letter <= "\udcff" for letter in tail)
    good = sum(letter > "\x7f" and not "\udc80" <= letter <= "\udcff" for letter in text)
    return good, bad


def _narrow(head: bytes) -> Encoding:
    """Tell Windows-1252 from ISO-8859-1, and both from what is neither."""
    high = [byte for byte in head if byte > 0x7F]
    windows = bytes(high).decode("cp1252", errors="replace")
    known = sum(letter in _LETTERS or letter in _PUNCTUATION for letter in windows)
    sure = round(0.95 * known / len(high) * _western(head, len(high)), 2)
    controls = sum(byte in _C1 for byte in high)
    if controls == 0:
        why = "it is not UTF-8; its bytes are letters in ISO-8859-1, and the same in Windows-1252"
        return Encoding("iso-8859-1", sure, why)
    if "\ufffd" in windows:
        return Encoding("cp1252", min(sure, 0.3), "some bytes are in no encoding of one byte")
    return Encoding("cp1252", sure, "it is not UTF-8, and has signs that only Windows-1252 has")


def _western(head: bytes, high: int) -> float:
    """Return 1 for words of Western Europe, where letters beyond ASCII stand alone; else less."""
    together = sum(map(len, _TOGETHER.findall(head)))
    return 1.0 if together < high / 2 else 0.3


def guesses(head: bytes) -> list[str]:
    """Return encodings that a file may be in, the likeliest first, of those that are unsure."""
    found = charset_normalizer.from_bytes(head[:_GUESSED]).best()
    likeliest = [] if found is None else [str(found.encoding)]
    return list(dict.fromkeys([*likeliest, "cp1252", "iso-8859-1", "utf-16"]))


# What Python calls encodings of text, and no file of text is in; some take a time without bounds.
_NO_FILES = frozenset(
    ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem")
)


def is_known(name: str) -> bool:
    """Tell whether there is an encoding of files of text of that name."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: it holds NUL
        return False
    is_text = bool(getattr(found, "_is_text_encoding", True))
    return is_text and found.name.replace("_", "-") not in _NO_FILES


def to_utf_8(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield a file of text in UTF-8; a byte that is none of its encoding stays as it is.

    Raises:
        UnicodeError: text in units of several bytes is not of its encoding.
    """
    if codecs.lookup(encoding).name in {"utf-8", "ascii", "utf-8-sig"}:
        yield from chunks
        return
    errors = "strict" if encoding.lower().startswith(("utf", "u16", "u32")) else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    at_start = True
    for chunk in chunks:
        text = decoder.decode(chunk)
        if at_start and text:
            text, at_start = text.removeprefix("\ufeff"), False
        yield text.encode(errors="surrogateescape")
    yield decoder.decode(b"", final=True).encode(errors="surrogateescape")
