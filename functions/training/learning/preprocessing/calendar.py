"""Year, month, day, weekday, hour, minute and second of a moment, in whole numbers of the graph.

Days are turned into dates as Howard Hinnant's `civil_from_days` does it, counted from
0000-03-01, so that the leap day is the last of its year and nothing is negative.
"""

from collections.abc import Sequence

import numpy as np

from functions.training.learning.graph.graph import Graph

INT64 = 7
# Part → the least and the most that it may be.
RANGES = {
    "year": (0, 9999),
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (0, 6),  # Monday is 0
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}
SECONDS_A_DAY = 86_400
DAYS_FROM_YEAR_1 = 719_162  # to 1970-01-01
DAYS_FROM_MARCH = 306  # 0000-03-01 to 0001-01-01
DAYS_OF_ERA, DAYS_OF_CENTURY, DAYS_OF_FOUR_YEARS, DAYS_OF_YEAR = 146_097, 36_524, 1_460, 365


def add_parts(graph: Graph, seconds: str) -> dict[str, str]:
    """Add the nodes; return each part's tensor, int64.

    Args:
        graph: to add to.
        seconds: a tensor of seconds since 1970, float64, none missing, of the years 1 to 9999.
    """
    whole = _Whole(graph)
    floor = graph.add("Floor", [seconds])
    since_year_1 = whole.plus(
        graph.add("Cast", [floor], to=INT64), DAYS_FROM_YEAR_1 * SECONDS_A_DAY
    )
    day, second = whole.divided(since_year_1, SECONDS_A_DAY)
    minute, of_minute = whole.divided(second, 60)
    hour, of_hour = whole.divided(minute, 60)
    return {
        **_dates(whole, day),
        "weekday": whole.divided(day, 7)[1],  # 0001-01-01 was a Monday
        "hour": hour,
        "minute": of_hour,
        "second": of_minute,
    }


def _dates(whole: "_Whole", day: str) -> dict[str, str]:
    era, of_era = whole.divided(whole.plus(day, DAYS_FROM_MARCH), DAYS_OF_ERA)
    # Leap days before this day of the era, taken off and put back: a year is then 365 days.
    leaps = [
        (-1, whole.divided(of_era, DAYS_OF_FOUR_YEARS)[0]),
        (1, whole.divided(of_era, DAYS_OF_CENTURY)[0]),
        (-1, whole.divided(of_era, DAYS_OF_ERA - 1)[0]),
    ]
    year, _ = whole.divided(whole.sum([(1, of_era), *leaps]), DAYS_OF_YEAR)
    fourth, hundredth = whole.divided(year, 4)[0], whole.divided(year, 100)[0]
    day_of_year = whole.sum([(1, of_era), (-DAYS_OF_YEAR, year), (-1, fourth), (1, hundredth)])
    # Months from March on have 31, 30, 31, 30, 31 days, again and again.
    month, _ = whole.divided(whole.plus(whole.sum([(5, day_of_year)]), 2), 153)
    gone, _ = whole.divided(whole.plus(whole.sum([(153, month)]), 2), 5)
    late = whole.divided(whole.plus(month, 2), 12)[0]  # 1 in January and February, else 0
    return {
        "year": whole.sum([(400, era), (1, year), (1, late)]),
        "month": whole.plus(whole.sum([(1, month), (-12, late)]), 3),
        "day": whole.plus(whole.sum([(1, day_of_year), (-1, gone)]), 1),
    }


class _Whole:
    """Arithmetic of whole numbers that are not negative."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def _number(self, number: int) -> str:
        return self._graph.constant(np.array(number, np.int64))

    def plus(self, tensor: str, number: int) -> str:
        return self._graph.add("Add", [tensor, self._number(number)])

    def divided(self, tensor: str, by: int) -> tuple[str, str]:
        """Return the quotient and what is left over."""
        divisor = self._number(by)
        return self._graph.add("Div", [tensor, divisor]), self._graph.add("Mod", [tensor, divisor])

    def sum(self, terms: Sequence[tuple[int, str]]) -> str:
        """Return the sum of tensors, each times a number."""
        products = [
            tensor if factor == 1 else self._graph.add("Mul", [tensor, self._number(factor)])
            for factor, tensor in terms
        ]
        total = products[0]
        for one in products[1:]:
            total = self._graph.add("Add", [total, one])
        return total
