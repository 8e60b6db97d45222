import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from functions.kit.contract.errors import Stale
from functions.kit.contract.requests.conditions import check_match
from functions.kit.http.responses.etags import etag, if_match, is_known


def condition(header):
    builder = EnvironBuilder(headers=[] if header is None else [("If-Match", header)])
    return if_match(Request(builder.get_environ()))


@pytest.mark.parametrize("header", [None, "*", '"3"', '"1", "3"'])
def test_a_condition_that_holds(header):
    check_match(condition(header), 3, "It")


@pytest.mark.parametrize("header", ['"2"', "3", 'W/"3"', ""])
def test_a_condition_that_does_not_hold(header):
    with pytest.raises(Stale, match="It is at revision 3 by now"):
        check_match(condition(header), 3, "It")


def test_what_the_caller_has_already():
    assert is_known('"a", W/"3"', etag(3))
    assert is_known("*", etag(3))
    assert not is_known(None, etag(3))
