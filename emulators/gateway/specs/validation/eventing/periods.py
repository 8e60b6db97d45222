"""Periods of ISO 8601, as Knative's deliveries read them: ``PT0.2S``, ``P1D``."""

import re

_NUMBER = r"[+-]?[0-9]+(?:[.,][0-9]+)?"
_FORM = re.compile(
    rf"[+-]?P(?=.)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)


def is_one(text: str) -> bool:
    """Tell whether a text is a period."""
    return text == "P0" or _FORM.fullmatch(text) is not None


def is_nothing(text: str) -> bool:
    """Tell whether a period is of no length."""
    return not any(digit in text for digit in "123456789")
