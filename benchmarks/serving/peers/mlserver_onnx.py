"""A runtime of MLServer's around an ONNX file, as its documentation says to write one."""

from typing import Any

import numpy as np
import onnxruntime as ort
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse, RequestInput


class OnnxModel(MLModel):  # type: ignore[misc] # of an environment of its own
    """Gives the probabilities of a classifier."""

    async def load(self) -> bool:
        """Open the session, as the function does, with one thread."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(self.settings.parameters.uri, options)
        self._kinds = {one.name: one.type for one in self._session.get_inputs()}
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer one call."""
        feed = {one.name: self._array(one) for one in payload.inputs if one.name in self._kinds}
        found = self._session.run(["probabilities"], feed)[0]
        output = NumpyCodec.encode_output("probabilities", found)
        return InferenceResponse(model_name=self.name, id=payload.id, outputs=[output])

    def _array(self, given: RequestInput) -> Any:
        kind = self._kinds[given.name]
        if kind == "tensor(string)":
            return np.array(StringCodec.decode_input(given), dtype=object).reshape(-1, 1)
        values = NumpyCodec.decode_input(given)
        return values.astype(np.float64 if kind == "tensor(double)" else np.float32)
