import pytest

from functions.kit.contract.errors import DomainError, Stale
from functions.kit.http.etags import check_if_match, etag, is_known


@pytest.mark.parametrize("header", [None, "*", '"3"', '"1", "3"'])
def test_a_condition_that_holds(header):
    check_if_match(header, etag(3), "It")


@pytest.mark.parametrize("header", ['"2"', "3", 'W/"3"', ""])
def test_a_condition_that_does_not_hold(header):
    with pytest.raises(DomainError, match='at "3" now') as caught:
        check_if_match(header, etag(3), "It")
    assert isinstance(caught.value, Stale)


def test_what_the_caller_has_already():
    assert is_known('"a", W/"3"', etag(3))
    assert is_known("*", etag(3))
    assert not is_known(None, etag(3))
