"""How we put things into words."""


def counted(number: int, noun: str, several: str = "") -> str:
    """Return the number with its noun: 1 row, 2 rows."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"
