"""Background rows in a file: what was kept is what is read, and nothing else is taken for it."""

import io
import zipfile
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.models import background
from functions.kit.contract.models.background import (
    Background,
    Unreadable,
    differing,
    from_bytes,
    players,
)
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column

SIGNATURE = Signature(
    "binary",
    "y",
    [Column("amount", "number"), Column("note", "text")],
    [
        Feature("amount", "amount", "float"),
        Feature("note", "note_words", "words"),
        Feature("amount", "amount_2", "double"),
        Feature("note", "note", "string"),
    ],
    ["a", "b"],
)


def inputs(numbers: list[float], texts: list[str]) -> dict[str, Any]:
    return {
        "amount": np.array(numbers, np.float32).reshape(-1, 1),
        "note_words": np.array([one.strip() for one in texts], object).reshape(-1, 1),
        "amount_2": np.array(numbers, np.float64).reshape(-1, 1),
        "note": np.array(texts, object).reshape(-1, 1),
    }


ROWS = Background(inputs([1.5, np.nan], ["é \0", ""]), 300)


@given(
    st.lists(
        st.tuples(
            st.floats(width=32), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
        ),
        min_size=1,
        max_size=background.MOST_ROWS,
    )
)
def test_what_was_kept_is_what_is_read(rows: list[tuple[float, str]]) -> None:
    numbers, texts = (list(one) for one in zip(*rows, strict=True))
    kept = Background(inputs(numbers, texts), 300)
    found = from_bytes(kept.to_bytes(), SIGNATURE)
    assert (found.rows, found.effort) == (len(rows), 300)
    assert list(found.inputs) == list(kept.inputs)
    for name, values in kept.inputs.items():
        assert found.inputs[name].dtype == values.dtype
        np.testing.assert_array_equal(found.inputs[name], values)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        ROWS.to_bytes()[:-30],
        Background(inputs([], []), 300).to_bytes(),
        Background(inputs([0.0] * 65, [""] * 65), 300).to_bytes(),
        Background(ROWS.inputs, 0).to_bytes(),
        Background(ROWS.inputs, background.MOST_EFFORT + 1).to_bytes(),
        Background({"amount": ROWS.inputs["amount"]}, 300).to_bytes(),
        Background(ROWS.inputs | {"note": ROWS.inputs["note"][:1]}, 300).to_bytes(),
        Background(ROWS.inputs | {"amount": ROWS.inputs["note"]}, 300).to_bytes(),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="Not background rows: "):
        from_bytes(data, SIGNATURE)


def test_what_is_too_large_unpacked_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("about.npy", b"\0" * (background.MOST_UNPACKED + 1))
    with pytest.raises(Unreadable, match="unpacked they take"):
        from_bytes(file.getvalue(), SIGNATURE)


def test_rows_differ_in_a_column_if_any_of_its_inputs_does() -> None:
    assert players(SIGNATURE) == {
        "amount": ["amount", "amount_2"],
        "note": ["note_words", "note"],
    }
    given = inputs([1.5, np.nan, np.nan], ["é \0", "", " "])
    np.testing.assert_array_equal(
        differing(SIGNATURE, given, ROWS.inputs),
        [
            [[False, False], [True, True]],
            [[True, True], [False, False]],
            [[True, True], [False, True]],
        ],
    )
    near = msgspec.structs.replace(SIGNATURE, features=SIGNATURE.features[:1])
    close = {"amount": np.array([[1.5]], np.float32)}
    assert differing(near, close, ROWS.inputs).tolist() == [[[False], [True]]]
