"""Examines an ONNX file: a program of its own, because the file may be made to do harm.

`python onnx_file.py EXPECTED` reads the file from standard input, and writes what is wrong with it
as JSON: a list of [reason, part of the registration it is about]. EXPECTED is the number of an open
file that holds `Expected` as JSON.
It bounds itself before it imports anything large, and `examiner` runs it.
"""

import json
import resource
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypedDict

ROOT = Path(__file__).resolve().parents[3]
ROWS = 2
LONGEST_REASON = 400
MOST_FLAWS = 20
FILE, FEATURES = "file", "signature.features"
FLOAT, DOUBLE, STRING = "tensor(float)", "tensor(double)", "tensor(string)"
# Of inputs, by their encoding; every other is text.
TYPES = {"float": FLOAT, "double": DOUBLE}
# Of outputs; numbers may be of twice the width.
OUTPUT_TYPES = {"probabilities": [FLOAT], "value": [FLOAT, DOUBLE], "spread": [DOUBLE]}

Flaws = Iterator[tuple[str, str]]


class Expected(TypedDict):
    """What the file is held against.

    Attributes:
        inputs: ONNX input → its encoding and a value that it takes.
        outputs: the ONNX outputs that hold the answer, and how many columns each has.
        memory: bytes of address space that examining may take.
        seconds: of processor time that it may take.
    """

    inputs: dict[str, tuple[str, Any]]
    outputs: dict[str, int]
    memory: int
    seconds: int


def bound(memory: int, seconds: int) -> None:
    """Let the kernel end this process when it takes more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if sys.platform == "linux":  # elsewhere it cannot be set, or counts other things
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def examine(data: bytes, expected: Expected) -> Flaws:
    """Yield what is wrong; the first flaw of the file itself ends it."""
    import onnx  # noqa: PLC0415 - this process has bounded itself only now

    try:
        model = onnx.load_model_from_string(data)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - protobuf's errors have no common base
        yield f"Expected an ONNX model; it cannot be read: {error}", FILE
        return
    found = [*islice(_outside(model), MOST_FLAWS), *_unknown_opsets(model)]
    del model  # what comes next needs the room
    yield from found or _run(data, expected)


def _outside(model: Any) -> Flaws:
    """Look for data that the file only names: a version is one file, and no path of a caller's."""
    import onnx  # noqa: PLC0415 - see examine

    for tensor in _within(model, onnx.TensorProto):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            reason = f"Expected all data inside the file; those of '{tensor.name}' lie elsewhere"
            yield f"{reason}. Save it with save_as_external_data=False", FILE


def _within(message: Any, kind: type) -> Iterator[Any]:
    """Yield all messages of a kind inside another; onnx's own helpers miss some places."""
    if isinstance(message, kind):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if field.is_repeated else [value]:
                yield from _within(inner, kind)


def _unknown_opsets(model: Any) -> Flaws:
    import onnx.defs  # noqa: PLC0415 - see examine

    newest = {"": onnx.defs.onnx_opset_version(), "ai.onnx.ml": onnx.defs.onnx_ml_opset_version()}
    for one in model.opset_import:
        domain = "" if one.domain == "ai.onnx" else one.domain
        if one.version > newest.get(domain, one.version):
            name = domain or "ai.onnx"
            reason = f"Expected opset {newest[domain]} of {name} at most, not {one.version}"
            yield f"{reason}. Export it with an older target_opset", FILE


def _run(data: bytes, expected: Expected) -> Flaws:
    """Check it by ONNX's own rules, open it as `prediction` does, and let it answer some rows."""
    import onnx.checker  # noqa: PLC0415 - see examine

    try:
        onnx.checker.check_model(data, full_check=True)
    except Exception as error:  # noqa: BLE001 - its errors have no common base
        reason = "Expected onnx.checker.check_model(model, full_check=True) to pass"
        yield f"{reason}: {error}", FILE
        return
    try:
        session = _open(data)
    except Exception as error:  # noqa: BLE001 - onnxruntime's errors have no common base
        yield f"onnxruntime cannot open it{_within_memory(expected)}: {error}", FILE
        return
    found = [*_wrong_inputs(session, expected), *_wrong_outputs(session, expected)]
    yield from found or _wrong_answer(session, expected)


def _open(data: bytes) -> Any:
    from functions.kit.contract.models.onnx import open_session  # noqa: PLC0415 - see examine

    return open_session(data)


def _wrong_inputs(session: Any, expected: Expected) -> Flaws:
    found = {one.name: one for one in session.get_inputs()}
    wanted = expected["inputs"]
    if set(found) != set(wanted):
        reason = f"Expected the file's inputs {sorted(found)}, not {sorted(wanted)}"
        yield f"{reason}. Name each feature's `input` as the file does", FEATURES
        return
    for name, (encoding, _) in wanted.items():
        one = found[name]
        type_ = TYPES.get(encoding, STRING)
        if one.type != type_:
            yield f"Expected input '{name}' to be {type_}; it is {one.type}", FEATURES
        if not _fits(one.shape, 1):
            yield f"Expected input '{name}' to be of shape [rows, 1], not {one.shape}", FEATURES


def _wrong_outputs(session: Any, expected: Expected) -> Flaws:
    found = {one.name: one for one in session.get_outputs()}
    for name, columns in expected["outputs"].items():
        yield from _wrong_output(found, name, columns)


def _wrong_output(found: dict[str, Any], name: str, columns: int) -> Flaws:
    if name not in found:
        yield f"Expected an output '{name}'; the file gives {sorted(found)}", FILE
    elif found[name].type not in OUTPUT_TYPES[name]:
        types = " or ".join(OUTPUT_TYPES[name])
        yield f"Expected output '{name}' to be {types}; it is {found[name].type}", FILE
    elif not _fits(found[name].shape, columns):
        shape = f"[rows, {columns}]"
        yield f"Expected output '{name}' to be of shape {shape}, not {found[name].shape}", FILE


def _fits(shape: list[Any], columns: int) -> bool:
    """Tell whether a shape may be [any number of rows, columns]; without one, it may."""
    if not shape:
        return True
    return (
        len(shape) == 2
        and not isinstance(shape[0], int)
        and (shape[1] == columns or not isinstance(shape[1], int))
    )


def _within_memory(expected: Expected) -> str:
    return f" within {expected['memory']:,} bytes of memory"


def _wrong_answer(session: Any, expected: Expected) -> Flaws:
    import numpy as np  # noqa: PLC0415 - see examine

    kinds = {"float": np.float32, "double": np.float64}
    rows = {
        name: np.array([[value]] * ROWS, dtype=kinds.get(encoding, object))
        for name, (encoding, value) in expected["inputs"].items()
    }
    outputs = expected["outputs"]
    try:
        answers = session.run(list(outputs), rows)
    except Exception as error:  # noqa: BLE001 - onnxruntime's errors have no common base
        what = f"onnxruntime cannot run it on {ROWS} rows"
        yield f"{what}{_within_memory(expected)}: {error}", FILE
        return
    for (name, columns), answer in zip(outputs.items(), answers, strict=True):
        if answer.shape != (ROWS, columns):
            shape = [*answer.shape]
            yield (
                f"Expected '{name}' of {ROWS} rows to be of shape [{ROWS}, {columns}], not {shape}",
                FILE,
            )


def main() -> None:
    """Examine what comes in."""
    with open(int(sys.argv[1]), "rb") as told:  # noqa: PTH123 - a number, not a path
        expected: Expected = json.load(told)
    bound(expected["memory"], expected["seconds"])
    try:
        found = [*islice(examine(sys.stdin.buffer.read(), expected), MOST_FLAWS)]
    except MemoryError:  # what asks for too much outside of the libraries: it is free again here
        found = [(f"Expected to be read{_within_memory(expected)}; it takes more", FILE)]
    flaws = [(" ".join(reason.split())[:LONGEST_REASON], place) for reason, place in found]
    sys.stdout.write(json.dumps(flaws))


if __name__ == "__main__":
    sys.path.append(str(ROOT))  # isolated, Python looks in its own libraries alone
    main()
