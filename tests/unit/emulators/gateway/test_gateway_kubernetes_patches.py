"""JSON Merge Patch and JSON Patch, with the examples of their RFCs."""

from typing import Any

import pytest

from emulators.gateway.apis.kubernetes import patches
from emulators.gateway.errors import Inapplicable, Invalid, TooLarge


@pytest.mark.parametrize(
    ("target", "patch", "after"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_rfc_7386(target: Any, patch: Any, after: Any) -> None:
    assert patches.merge(target, patch) == after


def test_a_merge_changes_neither_the_target_nor_the_patch() -> None:
    target, patch = {"a": {"b": 1}, "c": [1]}, {"a": {"b": None, "d": {"e": None}}, "c": None}
    before = repr((target, patch))
    assert patches.merge(target, patch) == {"a": {"d": {}}}
    assert repr((target, patch)) == before


def op(name: str, path: str, **rest: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **rest}


@pytest.mark.parametrize(
    ("target", "operation", "after"),
    [
        ({"foo": "bar"}, op("add", "/baz", value="qux"), {"baz": "qux", "foo": "bar"}),
        ({"foo": ["a", "b"]}, op("add", "/foo/1", value="q"), {"foo": ["a", "q", "b"]}),
        ({"foo": ["a"]}, op("add", "/foo/-", value=["b"]), {"foo": ["a", ["b"]]}),
        ({"baz": 1, "foo": 2}, op("remove", "/baz"), {"foo": 2}),
        ({"foo": ["a", "q", "b"]}, op("remove", "/foo/1"), {"foo": ["a", "b"]}),
        ({"baz": 1, "foo": 2}, op("replace", "/baz", value=3), {"baz": 3, "foo": 2}),
        ({"a": [1, 2]}, op("replace", "/a/0", value=3), {"a": [3, 2]}),
        (
            {"a": {"b": 1}, "c": {}},
            op("move", "/c/d", **{"from": "/a/b"}),
            {"a": {}, "c": {"d": 1}},
        ),
        ({"a": [1, 2, 3]}, op("move", "/a/2", **{"from": "/a/0"}), {"a": [2, 3, 1]}),
        ({"a": {"b": 1}}, op("copy", "/c", **{"from": "/a"}), {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a/b": 1, "m~n": 2}, op("test", "/a~1b", value=1), {"a/b": 1, "m~n": 2}),
        ({"m~n": 2}, op("replace", "/m~0n", value=3), {"m~n": 3}),
        ({"a": 1}, op("replace", "", value={"b": 2}), {"b": 2}),
    ],
)
def test_json_patches_of_rfc_6902(target: Any, operation: Any, after: Any) -> None:
    before = repr(target)
    assert patches.apply(target, [operation]) == after
    assert repr(target) == before


@pytest.mark.parametrize(
    "operation",
    [
        op("remove", "/no"), op("replace", "/no", value=1), op("add", "/list/3", value=1),
        op("add", "/no/deep", value=1), op("test", "/a", value=2), op("jump", "/a"), op("add", "a"),
        op("remove", "/list/-1"), {"path": "/a"}, op("add", "/a/b/c", value=1),
        op("remove", "/list/01"), op("add", "/~2", value=1), op("test", "/a", value=True),
        op("remove", ""), op("add", "/b"), op("copy", "/b"),
        op("copy", "/b", **{"from": "/list/-"}),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_named(operation: Any) -> None:
    with pytest.raises(Inapplicable, match="operation 1"):
        patches.apply({"a": 1, "list": [1, 2]}, [op("test", "/a", value=1), operation])


@pytest.mark.parametrize(
    "operation",
    [
        op("test", "/data/key", value="guess"),
        op("remove", "/data/no"),
        op("copy", "/x", **{"from": "/y/z"}),
    ],
)
def test_what_does_not_fit_is_not_told_with_what_is_there(operation: Any) -> None:
    with pytest.raises(Inapplicable) as caught:
        patches.apply({"data": {"key": "c2VjcmV0"}}, [operation])
    assert "c2VjcmV0" not in caught.value.message


def test_a_strategic_patch_of_maps_is_a_merge_patch() -> None:
    assert patches.plain({"data": {"a": None}, "$retainKeys": ["x"]}) == {"data": {"a": None}}
    with pytest.raises(Invalid, match="setElementOrder"):
        patches.plain({"metadata": {"$setElementOrder/finalizers": ["a"]}})


def check_too_large(target: Any, operations: Any) -> None:
    with pytest.raises(TooLarge):
        patches.apply(target, operations)


def test_copies_that_double_what_is_there_end_before_the_memory_does() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(60)]
    check_too_large({"x": "y" * 100}, doubling)
    within = [{"op": "copy", "from": "/x", "path": "/x/-"} for _ in range(60)]
    check_too_large({"x": ["y" * 100]}, within)


def test_many_operations_are_refused() -> None:
    one = {"op": "add", "path": "/a", "value": 1}
    assert patches.apply({}, [one] * patches.MOST_OPERATIONS) == {"a": 1}
    check_too_large({}, [one] * (patches.MOST_OPERATIONS + 1))


def test_what_patches_add_up_to_has_a_bound() -> None:
    patches.check_size({"a": "x" * (patches.MOST_BYTES - 100)})
    with pytest.raises(TooLarge, match="the object would have"):
        patches.check_size({"a": "x" * patches.MOST_BYTES})


def test_moves_cost_no_copies() -> None:
    big = {"a": {"x": "y" * 100_000}}
    there_and_back = [
        {"op": "move", "from": f"/{source}", "path": f"/{path}"}
        for source, path in (("a", "b"), ("b", "a"))
    ]
    assert patches.apply(big, there_and_back * 1000) == big


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "move", "from": "/a", "path": "/a/b"},
        {"op": "add", "path": "/l/" + "9" * 5000, "value": 1},
        {"op": "add", "path": "/l/\u00b2", "value": 1},
        {"op": "remove", "path": "/a/" + "b/" * 100_000},
        {"op": "copy", "from": "/missing", "path": "/x"},
        {"op": ["add"], "path": "/x"},
        {"op": "add", "path": 5, "value": 1},
        None,
    ],
)
def test_operations_that_make_no_sense(operation: Any) -> None:
    with pytest.raises(Inapplicable):
        patches.apply({"a": {"b": 1}, "l": [1]}, [operation])
