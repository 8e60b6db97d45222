"""Made up: six inputs and a rule, for a classifier that should find the rule again.

Cholesterol, blood pressure and glucose are multiples of what is normal.
"""

from random import Random

Row = dict[str, float]


def patient(dice: Random) -> Row:
    """Return one patient, each input spread evenly over its range."""
    row: Row = {
        "cholesterol": round(dice.uniform(1.0, 3.0), 2),
        "blood_pressure": round(dice.uniform(0.6, 1.8), 2),
        "glucose": round(dice.uniform(0.5, 2.0), 2),
        "age": dice.randint(0, 99),
        "overweight": dice.randint(0, 1),
        "smoker": dice.randint(0, 1),
    }
    return {**row, "at_risk": int(is_at_risk(**row))}


def is_at_risk(
    *,
    cholesterol: float,
    blood_pressure: float,
    glucose: float,
    age: float,
    overweight: float,
    smoker: float,
) -> bool:
    """Tell whether one of three combinations holds."""
    return (
        (cholesterol > 2.0 and blood_pressure > 1.4)
        or (glucose > 1.0 and age > 50)
        or (overweight == 1 and smoker == 1)
    )
