"""Numbers as people write them: decimal and thousands marks, units before or behind them."""

import functools
import math
import re
from typing import NamedTuple

from functions.kit.contract.records.columns import INT64

# A float holds every whole number up to here; beyond it, beside decimals, digits would be lost.
EXACT = 2**53
CURRENCIES = "€$£¥₹₩₽₺₫₴₦"
CODES = ("USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN")
# Spaces that stand between thousands; a thousands mark of " " means any of them.
SPACES = " \u00a0\u202f\u2009"
DECIMALS = (".", ",")
THOUSANDS = ("", ",", ".", " ", "'")
# Signs that are written for a thousands mark, beside itself.
_BETWEEN = {" ": SPACES, "'": "'\u2019"}
# What may stand before or behind a number.
_UNIT = rf"%|[{CURRENCIES}]|{'|'.join(CODES)}"
_WITH_UNIT = re.compile(
    rf"(?P<sign>[+-]?)(?P<before>{_UNIT})?[{SPACES}]?(?P<number>[+-]?[0-9.,].*?)"
    rf"[{SPACES}]?(?P<after>{_UNIT})?",
    re.ASCII,
)
# More digits than this behind a plus are no amount: somebody's telephone.
_TELEPHONE = re.compile(r"\+[0-9]{7,}", re.ASCII)


class Marks(NamedTuple):
    """How a number is written."""

    decimal: str = "."
    thousands: str = ""
    unit: str = ""


PLAIN = Marks()
ALL = tuple(Marks(d, t) for t in THOUSANDS for d in DECIMALS if d != t)


@functools.cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return what a number of these marks looks like; no leading zeros, which codes have."""
    whole = "0|[1-9][0-9]*"
    if thousands:
        between = "".join(map(re.escape, _BETWEEN.get(thousands, thousands)))
        whole = rf"[1-9][0-9]{{0,2}}(?:[{between}][0-9]{{3}})+|{whole}"
    point = re.escape(decimal)
    return re.compile(
        rf"[+-]?(?:(?:{whole})(?P<fraction>{point}[0-9]*)?|(?P<bare>{point}[0-9]+))"
        r"(?P<power>[eE][+-]?[0-9]{1,4})?",
        re.ASCII,
    )


def stripped(text: str, unit: str) -> str | None:
    """Return a number's text without its unit, which it must have; None without."""
    if not unit:
        return text
    found = _WITH_UNIT.fullmatch(text)
    if found is None or unit not in {found["before"], found["after"]}:
        return None
    return found["sign"] + found["number"]


def canonical(text: str, marks: Marks) -> str | None:
    """Return a number as a program writes it ("-1234.5"); None for what is none of these marks."""
    bare = stripped(text, marks.unit)
    if bare is None or not _pattern(marks.decimal, marks.thousands).fullmatch(bare):
        return None
    if _TELEPHONE.fullmatch(bare):
        return None
    if marks.thousands:
        for mark in _BETWEEN.get(marks.thousands, marks.thousands):
            bare = bare.replace(mark, "")
    return bare.replace(marks.decimal, ".") if marks.decimal != "." else bare


def is_whole(plain: str) -> bool:
    """Tell whether a canonical number is written without a fraction and fits 64 bits."""
    digits = plain.lstrip("+-")
    return digits.isdecimal() and len(digits) < 20 and -INT64 <= int(plain) < INT64


def is_finite(plain: str) -> bool:
    """Tell whether a float holds a canonical number, without losing digits before its point."""
    digits = plain.lstrip("+-").partition(".")[0]
    if len(digits) > 15 and digits.isdecimal() and int(digits) > EXACT:
        return False
    return not math.isinf(float(plain))


def unit_of(text: str) -> str:
    """Return the unit that a number's text has; empty where there is none."""
    found = _WITH_UNIT.fullmatch(text)
    return "" if found is None else found["before"] or found["after"] or ""
