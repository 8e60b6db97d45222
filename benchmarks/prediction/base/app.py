"""A bare FastAPI and onnxruntime application, written the way people write it.

`MODEL=model.onnx uvicorn benchmarks.prediction.base.app:app`: no keys, no registry, no schema but
this one. `async def`, because it is the faster way for a model that answers in microseconds.
"""

import os

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI
from pydantic import BaseModel

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
inputs = session.get_inputs()
app = FastAPI()


class Passenger(BaseModel):
    """One row of the Titanic data set."""

    pclass: int
    sex: str
    sibsp: int
    parch: int
    name: str | None = None
    age: float | None = None
    ticket: str | None = None
    fare: float | None = None
    cabin: str | None = None
    embarked: str | None = None


class Request(BaseModel):
    """What a caller sends."""

    records: list[Passenger]


class Prediction(BaseModel):
    """What one record gets."""

    label: str
    probability: float
    probabilities: dict[str, float]


class Response(BaseModel):
    """What a caller gets."""

    predictions: list[Prediction]


def column(name: str, kind: str, passengers: list[Passenger]) -> np.ndarray:
    values = [getattr(passenger, name) for passenger in passengers]
    if kind == "tensor(string)":
        texts = ["" if value is None else value for value in values]
        return np.array(texts, dtype=object).reshape(-1, 1)
    dtype = np.float64 if kind == "tensor(double)" else np.float32
    return np.array(values, dtype=dtype).reshape(-1, 1)


@app.post("/predict")
async def predict(request: Request) -> Response:
    feeds = {one.name: column(one.name, one.type, request.records) for one in inputs}
    [probabilities] = session.run(["probabilities"], feeds)
    predictions = []
    for row in probabilities:
        best = int(row.argmax())
        predictions.append(
            Prediction(
                label=str(best),
                probability=float(row[best]),
                probabilities={str(place): float(value) for place, value in enumerate(row)},
            )
        )
    return Response(predictions=predictions)
