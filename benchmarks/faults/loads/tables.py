"""A table whose target is known for every row, so that each prediction has a right answer."""

ROWS = 240


def target(row: int) -> float:
    """Return what a row's `y` is: a line in its two columns, different for every row."""
    return 3.0 * row + 0.5 * second(row) + 7.0


def second(row: int) -> int:
    """Return the second column, which does not follow from the first."""
    return row * 37 % 101


def line(count: int = ROWS) -> str:
    """Return so many rows as CSV: columns x, w and y."""
    rows = (f"{row + 0.5},{second(row)},{target(row)}" for row in range(count))
    return "\n".join(["x,w,y", *rows])


def record(row: int) -> dict[str, float]:
    """Return the columns of a row that a prediction takes."""
    return {"x": row + 0.5, "w": second(row)}
