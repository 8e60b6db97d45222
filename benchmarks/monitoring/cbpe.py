"""NannyML's estimate of accuracy (CBPE) for windows; runs in an environment of its own.

    python cbpe.py in.npz

`in.npz` has `truth` [rows] and `known` [rows, labels] of rows to learn from, and `asked` [windows,
rows, labels]. Prints a JSON list: the accuracy that is estimated of each window.
"""

import json
import sys
import warnings

import numpy as np


def main() -> None:
    """Read, estimate, print."""
    import nannyml  # type: ignore[import-not-found]  # noqa: PLC0415 - it is not in the environment of the rest
    import pandas as pd  # noqa: PLC0415 - as above

    warnings.simplefilter("ignore")
    with np.load(sys.argv[1]) as given:
        truth, known, asked = given["truth"], given["known"], given["asked"]
    windows, rows, labels = asked.shape

    def frame(shares: "np.ndarray") -> "pd.DataFrame":
        found = pd.DataFrame({f"p{place}": shares[:, place] for place in range(labels)})
        return found.assign(said=shares.argmax(axis=1))

    is_binary = labels == 2
    names = {place: f"p{place}" for place in range(labels)}
    estimator = nannyml.CBPE(
        metrics=["accuracy"],
        y_true="truth",
        y_pred="said",
        y_pred_proba="p1" if is_binary else names,
        problem_type="classification_binary" if is_binary else "classification_multiclass",
        chunk_size=rows,
    )
    estimator.fit(frame(known).assign(truth=truth))
    found = estimator.estimate(frame(asked.reshape(-1, labels))).filter(period="analysis").to_df()
    print(json.dumps(found[("accuracy", "value")].tolist()[:windows]))


if __name__ == "__main__":
    main()
