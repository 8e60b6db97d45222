"""A service of BentoML's around an ONNX file, as its documentation says to write one."""

import os
from typing import Any

import bentoml
import numpy as np
import onnxruntime as ort


# A line for each request would count against it.
@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Onnx:
    """Gives the probabilities of a classifier; `MODEL` names its file."""

    def __init__(self) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(os.environ["MODEL"], options)
        self._inputs = self._session.get_inputs()

    @bentoml.api  # type: ignore[untyped-decorator] # of an environment of its own
    async def predict(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        """Answer one call, in the event loop: it takes less than a thread's turn."""
        feed = {one.name: _array(one, records) for one in self._inputs}
        found = self._session.run(["probabilities"], feed)[0]
        return {"probabilities": found.tolist()}


def _array(given: Any, records: list[dict[str, Any]]) -> Any:
    values = [record[given.name] for record in records]
    if given.type == "tensor(string)":
        texts = ["" if one is None else one for one in values]
        return np.array(texts, dtype=object).reshape(-1, 1)
    dtype = np.float64 if given.type == "tensor(double)" else np.float32
    return np.array(values, dtype=dtype).reshape(-1, 1)
