"""A small real model: trained here, exported as training does it."""

import datetime as dt
import hashlib
import random
import warnings
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from functions.kit.contract.models.registration import ModelFile, Version
from functions.kit.contract.models.signature import Certainty, Feature, Signature, Task
from functions.kit.contract.records.columns import Column, Suggested

LEVELS = [0.8, 0.9]
COLUMNS = [
    Column("age", "number", minimum=0),
    Column("rooms", "integer", required=True),
    Column("owns home", "boolean"),
    Column("sex", "category", required=True, levels=["female", "male"]),
    Column("name", "text"),
]
FEATURES = [
    Feature("age", "age", "float"),
    Feature("rooms", "rooms", "float"),
    Feature("owns home", "x2", "float"),
    Feature("sex", "sex", "string", levels=["female", "male"]),
]


@dataclass(frozen=True)
class Exported:
    """An ONNX file and its signature."""

    data: bytes
    signature: Signature

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Trained(Exported):
    """One with the scikit-learn pipeline that it was made from."""

    pipeline: Pipeline


def train(task: Task = "binary", seed: int = 0) -> Trained:
    """Train on made-up people; another seed gives another model."""
    rng = random.Random(seed)
    people: list[list[Any]] = [
        [rng.uniform(0, 80), rng.randrange(6), rng.random() < 0.5, rng.choice(["female", "male"])]
        for _ in range(200)
    ]
    score = [age / 20 + rooms - 2 * (sex == "male") for age, rooms, _, sex in people]
    classes = {"binary": 2, "multiclass": 3, "regression": 0}[task]
    target = [min(int(max(s, 0) / 3), classes - 1) for s in score] if classes else score
    estimator = LogisticRegression(max_iter=1000) if classes else LinearRegression()
    pipeline = Pipeline([("columns", _columns()), ("estimator", estimator)])
    table = np.array([[np.float32(x) for x in row[:3]] + row[3:] for row in people], dtype=object)
    pipeline.fit(table, np.array(target))
    labels = [f"class {place}" for place in range(classes)]
    signature = Signature(task, "target", COLUMNS, FEATURES, labels)
    return Trained(_export(pipeline, task), signature, pipeline)


def _columns() -> ColumnTransformer:
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    return ColumnTransformer(
        [("numbers", SimpleImputer(), [0, 1, 2]), ("texts", encoder, [3])], sparse_threshold=0
    )


def _export(pipeline: Pipeline, task: Task) -> bytes:
    kinds = {"float": FloatTensorType, "string": StringTensorType}
    types = [(feature.input, kinds[feature.encoding]([None, 1])) for feature in FEATURES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if task == "regression":
            final = [("value", FloatTensorType([None, 1]))]
            model = convert_sklearn(pipeline, "people", types, final_types=final)
        else:
            options = {id(pipeline["estimator"]): {"zipmap": False}}
            model = convert_sklearn(pipeline, "people", types, options=options)
            whole = model
            model = select_model_inputs_outputs(whole, outputs=["probabilities"])
            model.graph.output[0].CopyFrom(whole.graph.output[1])
    data: bytes = model.SerializeToString()
    return data


def certain(trained: Exported) -> Exported:
    """Return a model that states how certain it is, for LEVELS, and what it learnt from."""
    labels = len(trained.signature.labels)
    stated = (
        Certainty(LEVELS, scores=[[0.3] * labels, [0.7] * labels])
        if labels
        else Certainty(LEVELS, widths=[1.0, 2.0])
    )
    known = {
        "age": Suggested(minimum=0, maximum=60),
        "sex": Suggested(levels=["female"]),
    }
    columns = [
        msgspec.structs.replace(one, suggested=known.get(one.name))
        for one in trained.signature.columns
    ]
    changes = {"certainty": stated, "columns": columns}
    return Exported(trained.data, msgspec.structs.replace(trained.signature, **changes))


def heavy(size: int) -> Exported:
    """Return a regression of `age` whose file is at least `size` bytes."""
    weights = np.random.default_rng(0).random((1, size // 4), np.float32)
    nodes = [
        helper.make_node("MatMul", ["age", "weights"], ["products"]),
        helper.make_node("ReduceMean", ["products", "across"], ["value"], keepdims=1),
    ]
    graph = helper.make_graph(
        nodes,
        "heavy",
        [helper.make_tensor_value_info("age", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1]), "across"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    signature = Signature("regression", "target", COLUMNS[:1], FEATURES[:1])
    return Exported(model.SerializeToString(), signature)


def describe(trained: Exported, **changes: Any) -> Version:
    """Return what the registry would say of a trained model."""
    fields: dict[str, Any] = {
        "job": "job",
        "dataset": "people",
        "revision": 1,
        "snapshot": "snapshots/people/1.parquet",
        "target": "target",
        "task": trained.signature.task,
        "algorithm": "logistic_regression",
        "signature": trained.signature,
        "file": ModelFile("models/people/x.onnx", trained.sha256, len(trained.data)),
        "model": "people",
        "version": 1,
        "created_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    }
    return Version(**{**fields, **changes})
