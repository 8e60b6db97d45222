import base64
import hashlib
import io

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from functions.datasets.transport.upload import incoming
from functions.kit.contract.errors import DomainError, TooLarge, Unreadable
from functions.kit.http.responses.problems import Problem, problem_of

CSV = b"a,b\n1,2\n" * 1000


def request(**options):
    return Request(EnvironBuilder(method="POST", **options).get_environ())


def content(sent):
    return b"".join(sent.chunks)


def form(**fields):
    return request(data=fields)


def file(name="titanic.csv"):
    return (io.BytesIO(CSV), name)


def test_a_plain_body():
    sent = incoming(request(data=CSV, content_type="text/csv; charset=UTF-8"), 10**6)
    assert (sent.name, content(sent)) == (None, CSV)


def test_a_form():
    sent = incoming(form(file=file()), 10**6)
    assert (sent.name, content(sent)) == ("titanic", CSV)
    sent = incoming(form(name="Sea", file=file()), 10**6)
    assert (sent.name, content(sent)) == ("Sea", CSV)


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        ({"data": CSV, "content_type": "application/json"}, 415, "text/csv"),
        ({"data": CSV}, 415, "text/csv"),
        ({"data": CSV, "content_type": "text/csv; charset=nonsense"}, 415, "text/csv"),
        ({"data": CSV, "content_type": "multipart/form-data"}, 415, "text/csv"),
        ({"data": {"other": file()}}, 400, "no file field called 'file'"),
        ({"data": {"name": "x"}, "content_type": "multipart/form-data"}, 400, "no file field"),
        ({"data": {"x": "y" * 70_000, "file": file()}}, 400, "too much before"),
        (
            {"data": b"--b\r\n", "content_type": "multipart/form-data; boundary=b"},
            400,
            "breaks off",
        ),
    ],
)
def test_other_bodies_are_refused(sent, status, detail):
    with pytest.raises((DomainError, Problem)) as caught:
        content(incoming(request(**sent), 10**6))
    error = caught.value
    assert isinstance(error, DomainError | Problem)
    problem = error if isinstance(error, Problem) else problem_of(error)
    assert problem.status == status
    assert detail in problem.detail


def test_a_body_too_large_is_refused_at_once_or_on_the_way():
    with pytest.raises(DomainError) as caught:
        incoming(request(data=b"x" * 100_000, content_type="text/csv"), 10)
    assert isinstance(caught.value, TooLarge)
    for sent in (request(data=CSV, content_type="text/csv"), form(file=file())):
        upload = incoming(sent, len(CSV) - 1)
        with pytest.raises(DomainError) as caught:
            content(upload)
        assert isinstance(caught.value, TooLarge)


def test_an_upload_that_breaks_off_is_not_a_shorter_file():
    environ = EnvironBuilder(method="POST", data=CSV, content_type="text/csv").get_environ()
    environ |= {"CONTENT_LENGTH": str(len(CSV) + 1), "wsgi.input_terminated": True}
    with pytest.raises(DomainError, match="broke off"):
        content(incoming(Request(environ), 10**6))


def test_a_plain_body_without_a_length_is_refused_but_a_form_is_not():
    for sent, status in ((request(data=CSV, content_type="text/csv"), 411), (form(file=file()), 0)):
        del sent.environ["CONTENT_LENGTH"]
        sent.environ["wsgi.input_terminated"] = True
        try:
            assert content(incoming(sent, 10**6)) == CSV
            found = 0
        except Problem as problem:
            found = problem.status
        assert found == status


def digest(body, *names):
    """A `Content-Digest` of a body."""
    found = {name: hashlib.new(name.replace("-", ""), body).digest() for name in names}
    return ", ".join(f"{n}=:{base64.b64encode(one).decode()}:" for n, one in found.items())


def chunked(digests, **options):
    """A request whose length a gateway has taken away."""
    sent = request(headers={"Content-Digest": digests}, **options)
    del sent.environ["CONTENT_LENGTH"]
    sent.environ["wsgi.input_terminated"] = True
    return sent


@pytest.mark.parametrize("names", [["sha-256"], ["sha-512"], ["sha-256", "sha-512"]])
def test_a_plain_body_without_a_length_passes_with_its_digest(names):
    sent = chunked(digest(CSV, *names), data=CSV, content_type="text/csv")
    assert content(incoming(sent, 10**6)) == CSV


@pytest.mark.parametrize("name", ["sha-256", "sha-512"])
def test_a_body_that_is_not_what_its_digest_says_is_refused(name):
    shorter = CSV[: len(CSV) // 2]
    for sent in (
        chunked(digest(CSV, name), data=shorter, content_type="text/csv"),
        request(headers={"Content-Digest": digest(CSV, name)}, data=CSV + b"3,4\n"),
    ):
        sent.environ["CONTENT_TYPE"] = "text/csv"
        with pytest.raises(Unreadable, match=f"{name}=:.*not what its Content-Digest says"):
            content(incoming(Request(sent.environ), 10**6))


def test_one_wrong_digest_among_right_ones_is_enough():
    wrong = f"{digest(CSV, 'sha-256')}, {digest(b'', 'sha-512')}"
    with pytest.raises(Unreadable, match="sha-512"):
        content(incoming(chunked(wrong, data=CSV, content_type="text/csv"), 10**6))


PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n' + CSV
AFTER = b'\r\n--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n'


def test_a_form_s_digest_is_of_the_whole_form():
    told = digest(PART + AFTER, "sha-256")
    kind = "multipart/form-data; boundary=b"
    assert content(incoming(chunked(told, data=PART + AFTER, content_type=kind), 10**6)) == CSV
    changed = chunked(told, data=PART + AFTER.replace(b"y", b"z"), content_type=kind)
    with pytest.raises(Unreadable, match="not what its Content-Digest"):
        content(incoming(changed, 10**6))


@pytest.mark.parametrize("field", ["sha-256=abc", "sha-256=:***:", "sha-256=:abc:", "nonsense"])
def test_a_digest_that_cannot_be_read_is_named(field):
    with pytest.raises(Unreadable, match=r"Content-Digest .* cannot be read"):
        content(incoming(chunked(field, data=CSV, content_type="text/csv"), 10**6))


def test_a_digest_of_another_kind_proves_nothing():
    sent = chunked("md5=:" + base64.b64encode(b"x" * 16).decode() + ":", data=CSV)
    sent.environ["CONTENT_TYPE"] = "text/csv"
    with pytest.raises(Problem) as caught:
        content(incoming(Request(sent.environ), 10**6))
    assert caught.value.status == 411
    assert "multipart/form-data" in caught.value.detail
