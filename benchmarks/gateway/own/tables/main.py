"""A function with pandas and scikit-learn, of the kind that people write."""

import flask
import pandas as pd
from sklearn.linear_model import LinearRegression

TABLE = pd.DataFrame({"hours": [1.0, 2.0, 3.0, 4.0], "mark": [2.1, 3.9, 6.2, 7.8]})
MODEL = LinearRegression().fit(TABLE[["hours"]], TABLE["mark"])


def handle(request: flask.Request) -> dict[str, float]:
    """Answer with a mark that is expected."""
    asked = pd.DataFrame({"hours": [float(request.args.get("hours", "5"))]})
    return {"mark": float(MODEL.predict(asked)[0])}
