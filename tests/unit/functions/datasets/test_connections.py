"""What may be asked of a database, before any is asked."""

import time

import pytest

from functions.datasets.model.imports.connections import check_query
from functions.kit.contract.errors import Invalid

COMMENTS = "/* a */ -- b\n /**/\n"


@pytest.mark.parametrize("query", ["SELECT 1", "(?)with x", "values (1)", "\n table t"])
@pytest.mark.parametrize("before", ["", " \n", COMMENTS])
def test_a_query_begins_with_a_word_of_reading(before: str, query: str) -> None:
    check_query(before + query.removeprefix("(?)"))


@pytest.mark.parametrize(
    "query", ["DELETE FROM t", "selected", "/* SELECT 1", "/**/ ATTACH 'x' AS y", "-- SELECT 1", ""]
)
def test_others_are_refused(query: str) -> None:
    with pytest.raises(Invalid, match="begins with SELECT"):
        check_query(query)


@pytest.mark.parametrize("piece", ["/**/", "/**/ ", "--\n", "/*", " ", "/*/*/"])
def test_a_long_query_is_looked_at_in_no_time(piece: str) -> None:
    began = time.process_time()
    with pytest.raises(Invalid):
        check_query(piece * (100_000 // len(piece)) + "x")
    assert time.process_time() - began < 1
