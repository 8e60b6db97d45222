"""What is no client's request: pages of other origins, other hosts, and nonsense."""

import http.client
import json
from contextlib import closing
from typing import Any

import pytest
from google.cloud import storage

from tests.support.processes import PATIENCE, Emulator, free_port

UPLOAD = "/upload/storage/v1/b/mayfly/o?uploadType=media&name=model.onnx"
STRANGERS = [
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
]
Answer = tuple[int, http.client.HTTPMessage, bytes]


def ask(port: int, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize("headers", STRANGERS)
def test_no_page_overwrites_an_object(
    bucket: storage.Bucket, emulator: Emulator, headers: dict[str, str]
) -> None:
    bucket.blob("model.onnx").upload_from_string(b"ours")
    kind = {"Content-Type": "text/plain"}

    status, told, body = ask(emulator.port, "POST", UPLOAD, b"theirs", kind | headers)

    assert status == 403
    assert json.loads(body)["error"]["code"] == 403
    assert "Access-Control-Allow-Origin" not in told
    assert ask(emulator.port, "OPTIONS", UPLOAD, None, headers)[0] == 403
    assert bucket.blob("model.onnx").download_as_bytes() == b"ours"


def test_a_host_that_a_setting_names(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_ALLOWED_HOSTS", "storage")
    port = free_port()
    arguments = ["--data", str(tmp_path / "data"), "--port", str(port)]
    with Emulator("emulators.storage", arguments, port, f"http://127.0.0.1:{port}/"):
        assert ask(port, "GET", "/", None, {"Host": "storage:9023"})[0] == 200
        status, _, body = ask(port, "GET", "/", None, {"Host": "storage.evil.example"})
    assert status == 403
    assert b"STORAGE_ALLOWED_HOSTS" in body


@pytest.mark.parametrize("query", ["", "?response-content-disposition=inline"])
def test_what_is_downloaded_is_never_shown(
    bucket: storage.Bucket, emulator: Emulator, query: str
) -> None:
    page = bucket.blob("page")
    page.upload_from_string(b"<script>1</script>")
    page.content_type = "text/html\r\nX-Evil: 1"
    page.patch()

    status, told, _ = ask(emulator.port, "GET", f"/mayfly/page{query}", None, {})

    assert status == 200
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Content-Disposition"] == "attachment"
    assert "sandbox" in told["Content-Security-Policy"]
    assert told["X-Evil"] is None


def test_a_name_for_the_download_is_kept(bucket: storage.Bucket, emulator: Emulator) -> None:
    bucket.blob("a").upload_from_string(b"1,2")
    wanted = "attachment;%20filename=a.csv"
    query = f"?response-content-disposition={wanted}"

    _, told, _ = ask(emulator.port, "GET", f"/mayfly/a{query}", None, {})

    assert told["Content-Disposition"] == "attachment; filename=a.csv"


JSON = {"Content-Type": "application/json"}
MULTIPART = {"Content-Type": "multipart/related; boundary=x"}
DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("GET", "/nowhere", None, {}),
        ("GET", "//[x", None, {}),
        ("BREW", "/storage/v1/b", None, {}),
        ("HEAD", "/storage/v1/b", None, {}),
        ("GET", "/storage/v1/b/mayfly/o/a%0Ab", None, {}),
        ("GET", "/storage/v1/b/mayfly/o/a%00b", None, {}),
        ("GET", "/storage/v1/b/mayfly/o/%ff%fe", None, {}),
        ("GET", "/storage/v1/b/mayfly/o/" + "x" * 60_000, None, {}),
        ("POST", "/storage/v1/b", None, {}),
        ("POST", "/storage/v1/b", b"{", JSON),
        ("POST", "/storage/v1/b", b"[]", JSON),
        ("POST", "/storage/v1/b", b"[" * 100_000, JSON),
        ("POST", "/storage/v1/b", b'{"name": 5}', JSON),
        ("POST", "/storage/v1/b", f'{{"name": {DIGITS}}}'.encode(), JSON),
        ("POST", "/storage/v1/b", b'{"name": "../b"}', JSON),
        ("POST", "/storage/v1/b", b'{"name": "a\\u0000"}', JSON),
        ("POST", "/upload/storage/v1/b/mayfly/o?uploadType=media", b"x", {}),
        ("POST", "/upload/storage/v1/b/mayfly/o?uploadType=multipart", b"zz", MULTIPART),
        ("POST", "/upload/storage/v1/b/mayfly/o?uploadType=resumable", b"{}", JSON),
        ("POST", UPLOAD, b"xx", {"Content-Encoding": "gzip"}),
        ("POST", UPLOAD, b"x", {"Content-Length": "-1"}),
        ("POST", UPLOAD, b"x", {"Content-Length": DIGITS}),
        ("POST", UPLOAD, None, {"Content-Length": "9" * 14}),
        ("POST", UPLOAD, b"zz\r\n", {"Transfer-Encoding": "chunked"}),
        ("GET", "/mayfly/here", None, {"Range": f"bytes={DIGITS}-"}),
        ("POST", "/storage/v1/b/mayfly/o/here/compose", b"{}", JSON),
        ("POST", "/batch/storage/v1", None, {}),
    ],
)
def test_nonsense_is_refused_in_the_one_shape(
    bucket: storage.Bucket,
    emulator: Emulator,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
) -> None:
    bucket.blob("here").upload_from_string(b"x")

    status, _, answer = ask(emulator.port, method, path, body, headers)

    assert 400 <= status < 500, answer
    if method != "HEAD":
        error = json.loads(answer)["error"]
        assert error["code"] == status
        assert error["message"]
