"""Pages and files go out packed to whoever takes that, and mean the same."""

import gzip

import pytest

PACKED = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["/datasets", "/models/titanic", "/static/mayfly.css"])
def test_text_is_packed_for_whoever_takes_it(browser, path):
    plain, packed = (browser.get(path, headers=headers, buffered=True) for headers in ({}, PACKED))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.vary
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert len(packed.data) < len(plain.data) / 2
    if path.startswith("/static"):
        assert gzip.decompress(packed.data) == plain.data
    else:
        assert gzip.decompress(packed.data).startswith(b"<!doctype html>")


def test_a_file_that_a_browser_has_is_not_sent_again(browser):
    packed = browser.get("/static/mayfly.css", headers=PACKED)
    again = PACKED | {"If-None-Match": packed.headers["ETag"]}
    assert browser.get("/static/mayfly.css", headers=again).status_code == 304


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/healthz", PACKED),
        ("/datasets", {"Accept-Encoding": "gzip;q=0"}),
        ("/datasets", {"Accept-Encoding": "br"}),
        ("/models/titanic/versions/1/model.onnx", PACKED),
        ("/static/mayfly.css", PACKED | {"Range": "bytes=0-9"}),
    ],
)
def test_what_is_small_no_text_or_not_wanted_so_goes_as_it_is(browser, path, headers):
    answer = browser.get(path, headers=headers, buffered=True)
    assert answer.status_code in {200, 206}
    assert "Content-Encoding" not in answer.headers


def test_a_head_says_what_it_would_not_send(browser):
    answer = browser.head("/datasets", headers=PACKED)
    assert (answer.status_code, answer.data) == (200, b"")
