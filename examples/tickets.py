"""Made up: requests to a service desk, with dates and text, and whether an answer came late."""

import datetime as dt
from random import Random

Row = dict[str, object]

FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
DAYS = 540
PRIORITIES = ("low", "normal", "high", "urgent")
# Words of a subject → how much later (or sooner) its answer comes.
SUBJECTS = {
    "cannot sign in since this morning": -0.8,
    "password reset link does not arrive": -0.9,
    "invoice shows the wrong address": 0.3,
    "refund for a double payment": 1.2,
    "export of last year's data fails": 0.9,
    "how do I add a colleague": -1.1,
    "outage of the report page": -0.5,
    "question about the new contract": 0.8,
    "slow answers in the evening": 0.4,
    "import stops at row {number}": 0.7,
}


def ticket(dice: Random) -> Row:
    """Return one request; nights, weekends, long queues and certain subjects make it late."""
    opened = FIRST + dt.timedelta(seconds=dice.randint(0, DAYS * 86_400))
    since = (opened - dt.timedelta(days=dice.randint(1, 3000))).date()
    subject = dice.choice(list(SUBJECTS))
    priority = dice.choices(PRIORITIES, weights=(3, 8, 3, 1))[0]
    waiting = dice.randint(0, 60)
    odds = SUBJECTS[subject] + waiting / 25 - 0.9 * PRIORITIES.index(priority) - 0.3
    odds += 1.6 if opened.weekday() >= 5 else 0.0
    odds += 1.1 if not 8 <= opened.hour < 18 else 0.0
    return {
        "opened": opened.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "customer_since": since.isoformat(),
        "subject": subject.format(number=dice.randint(2, 90_000)),
        "priority": priority,
        "waiting_before": waiting,
        "late": "yes" if odds + dice.gauss(0, 0.7) > 0 else "no",
    }
