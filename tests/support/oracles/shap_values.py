"""What `shap` says of a model's records against background rows: a program of its own.

`python -m tests.support.oracles.shap_values FOLDER …` reads `model.onnx`, `signature.json`,
`background.npz` and `records.json` there, and writes {"base", "values"} to `shap.json`: of each
label [labels], and [records][columns][labels].
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shap

from functions.kit.contract.models.background import from_bytes, players
from functions.kit.contract.models.signature import Signature
from functions.prediction.adapters.predictor import Predictor
from tests.support.models.onnx import Exported, describe


def explain(folder: Path) -> None:
    """Explain by all coalitions; a value is told to shap by its place among all that there are."""
    signature = msgspec.json.decode((folder / "signature.json").read_bytes(), type=Signature)
    predictor = Predictor(*_version(folder, signature))
    background = from_bytes((folder / "background.npz").read_bytes(), signature)
    records = predictor.reader.convert(json.loads((folder / "records.json").read_text()))
    asked = predictor.encode(records)
    pool = {name: np.concatenate([asked[name], background.inputs[name]]) for name in asked}
    columns = [*players(signature).values()]

    def predict(rows: Any) -> Any:
        inputs: dict[str, Any] = {}
        for place, names in enumerate(columns):
            inputs |= {name: pool[name][rows[:, place].astype(int)] for name in names}
        return predictor.run(inputs).astype(np.float64)

    places = np.tile(np.arange(len(records) + background.rows)[:, None], (1, len(columns)))
    explainer = shap.KernelExplainer(predict, places[len(records) :])
    values = explainer.shap_values(places[: len(records)], nsamples=2 ** len(columns), silent=True)
    base = np.ravel(explainer.expected_value)
    told = {"base": base.tolist(), "values": np.array(values).tolist()}
    (folder / "shap.json").write_text(json.dumps(told))


def _version(folder: Path, signature: Signature) -> tuple[Any, bytes]:
    data = (folder / "model.onnx").read_bytes()
    return describe(Exported(data, signature)), data


if __name__ == "__main__":
    for name in sys.argv[1:]:
        explain(Path(name))
