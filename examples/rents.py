"""Made up: flats and what they cost a month, for a regression."""

from random import Random

Row = dict[str, object]

# District → what a square metre costs there, in euros.
DISTRICTS = {
    "Altstadt": 17.5,
    "Bahnhof": 13.0,
    "Gartenstadt": 14.5,
    "Hafen": 15.5,
    "Neustadt": 12.5,
    "Nordend": 14.0,
    "Seeufer": 19.0,
    "Vorwerk": 10.5,
}
NOISE = 0.06  # of the rent, one standard deviation


def flat(dice: Random) -> Row:
    """Return one flat; of one in twelve nobody knows when it was built."""
    district = dice.choice(list(DISTRICTS))
    square_metres = round(min(max(dice.gauss(72, 26), 18), 220), 1)
    built = dice.randint(1890, 2025)
    balcony, lift = dice.random() < 0.6, dice.random() < 0.4
    floor, minutes = dice.randint(0, 8), round(dice.expovariate(1 / 9) + 1)
    rent = square_metres**0.93 * DISTRICTS[district] * _comfort(built, floor, lift=lift)
    rent *= (1.05 if balcony else 1.0) * (1 - 0.004 * min(minutes, 40)) * dice.gauss(1, NOISE)
    return {
        "district": district,
        "square_metres": square_metres,
        "rooms": max(1, round(square_metres / dice.uniform(22, 34))),
        "floor": floor,
        "built": "" if dice.random() < 1 / 12 else built,
        "balcony": "yes" if balcony else "no",
        "lift": "yes" if lift else "no",
        "minutes_to_station": minutes,
        "rent": round(rent, 2),
    }


def _comfort(built: int, floor: int, *, lift: bool) -> float:
    """Return by how much age and stairs change a rent: the old and the new is dear."""
    age = 1.12 if built < 1915 else 0.9 if built < 1980 else 1.0 + 0.004 * (built - 1980)
    return age * (1.0 if lift or floor <= 2 else 1 - 0.015 * (floor - 2))
