"""Ids and cursors that no dataset and no record can have."""

import pytest

from functions.kit.contract.requests.pages import cursor_after

ODD = ["__a__", "...", "%00", "x" * 2000, "%ED%A0%80"]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_id_is_not_there(api, name, odd):
    path = api.load("n\n1\n2\n", name)
    assert api.get(f"/datasets/{odd}").status_code == 404
    assert api.get(f"{path}/records/{odd}").status_code == 404
    assert api.delete(f"{path}/records/{odd}").status_code == 404
    assert api.patch(f"{path}/records/{odd}", json={"values": {"n": 3}}).status_code == 404


@pytest.mark.parametrize("after", ["", "a/b", "__a__", "..", "x" * 2000, "\0"])
def test_an_odd_cursor_is_refused(api, name, after):
    path = api.load("n\n1\n2\n", name)
    for place in ("/datasets", f"{path}/records"):
        answer = api.get(f"{place}?cursor={cursor_after(after)}")
        assert answer.status_code == 400
        assert "cursor" in answer.json["detail"]
