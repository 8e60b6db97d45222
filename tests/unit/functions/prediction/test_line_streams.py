"""JSON Lines of any length: blocks are read, counted and answered one after the other."""

import io
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.errors import TooLarge
from functions.prediction.transport.records.line_reader import CHUNK, LineReader
from tests.support.in_memory.predicting import SMALL, House
from tests.support.models.mixed import mixed
from tests.support.rows.forms import LINES
from tests.support.wsgi import environment

PATH = "/models/values/predict"
ROW = b'{"rooms": 3}'


class Endless(io.RawIOBase):
    """A body that never ends, and knows how much of it was read."""

    def __init__(self, line: bytes) -> None:
        super().__init__()
        self._line = line
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "nothing reads all of it"
        skipped = self.given % len(self._line)
        self.given += size
        return (self._line * (size // len(self._line) + 2))[skipped : skipped + size]


@pytest.fixture(scope="module")
def house() -> House:
    return House({"values": mixed("regression")}, most_bytes=200_000)


def ask(house, body, key="mf_free", **more):
    head = {"CONTENT_TYPE": LINES, "HTTP_AUTHORIZATION": f"Bearer {key}", **more}
    return house.whole(environment(PATH, body, **head))


def test_a_long_line_behind_short_ones_is_the_next_block_s():
    reader = LineReader(io.BytesIO(b"x" * 9_000 + b"\n" + b"y" * 5 * CHUNK + b"\n"))
    most = 5 * CHUNK + 1
    assert [len(reader.take(10, most)[0]) for _ in range(2)] == [9_000, 5 * CHUNK]
    assert not reader.take(10, most)


def test_more_than_a_thousand_rows_are_answered_in_order(house):
    lines = b"\n".join(b'{"rooms": %d}' % place for place in range(2500))
    answered = ask(house, lines)
    found = [json.loads(line) for line in answered.body.splitlines()]
    values = [one["value"] for one in found]
    assert len(values) == 2500
    assert values == sorted(values)
    assert len(set(values)) == 2500
    *_, rows, reason = answered.noted[0]
    assert (rows, reason) == (2500, "")
    assert "Content-Length" not in dict(answered.headers)


def test_each_line_says_the_id_of_its_prediction(house):
    answered = ask(house, ROW + b"\n" + ROW)
    ids = [json.loads(line)["id"] for line in answered.body.splitlines()]
    [(answer, first), (same, second)] = [one.rsplit("-", 1) for one in ids]
    assert (answer, first, second) == (same, "0", "1")


def test_answers_flow_while_rows_come_and_little_is_held(house):
    body = Endless(ROW + b"\n")
    asked = environment(PATH, b"", CONTENT_TYPE=LINES, CONTENT_LENGTH=None)
    asked |= {"wsgi.input": body, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = iter(house.open(asked))
    for place in range(1, 6):
        lines = next(answer).splitlines()
        assert len(lines) == 1000
        assert body.given <= place * 1000 * (len(ROW) + 1) + 2 * CHUNK
    answer.close()


def test_what_is_wrong_with_a_later_row_is_the_last_line(house):
    rows = [ROW] * 1500 + [b'{"rooms": "x"}'] + [ROW] * 800
    answered = ask(house, b"\n".join(rows))
    *lines, last = answered.body.splitlines()
    assert answered.status == "200 OK"
    assert len(lines) == 1000
    problem = json.loads(last)["error"]
    assert (problem["status"], problem["instance"]) == (422, PATH)
    assert "row 1,501, column 'rooms'" in problem["detail"]
    assert [flaw["row"] for flaw in problem["errors"]] == [1501]


def test_what_is_no_json_in_a_later_row_is_told_with_its_line(house):
    answered = ask(house, b"\n".join([ROW] * 1200 + [b'{"rooms":,}']))
    problem = json.loads(answered.body.splitlines()[-1])["error"]
    assert (problem["status"], problem["errors"][0]["row"]) == (400, 1201)
    assert "row 1,201: it is not JSON" in problem["detail"]


def test_what_is_wrong_with_the_first_rows_is_a_refusal(house):
    answered = ask(house, b"\n".join([b'{"rooms": "x"}'] + [ROW] * 3000))
    assert answered.status == "422 UNPROCESSABLE ENTITY"


def test_a_quota_is_counted_block_by_block(house):
    """The plan allows 4 rows a call, which is so many a block, and 40 a minute."""
    answered = ask(house, b"\n".join([ROW] * 50), "mf_small")
    *lines, last = answered.body.splitlines()
    assert len(lines) == SMALL.predictions_per_minute
    assert json.loads(last)["error"]["status"] == 429
    assert dict(answered.headers)["RateLimit"].startswith('"permin";r=36;')


def test_who_may_not_go_on_hears_so(house, monkeypatch):
    monkeypatch.setattr("functions.prediction.transport.records.streaming.LOOK_SECONDS", 0)
    admitted = itertools.count()
    checked = house.api._guard.check

    def until_it_is_revoked(request, access):
        if next(admitted) < 3:
            return checked(request, access)
        return checked(request.__class__({**request.environ, "HTTP_AUTHORIZATION": "x"}), access)

    monkeypatch.setattr(house.api._guard, "check", until_it_is_revoked)
    answered = ask(house, b"\n".join([ROW] * 5000))
    *lines, last = answered.body.splitlines()
    assert (len(lines), json.loads(last)["error"]["status"]) == (2000, 401)


def test_a_line_that_is_too_long_is_refused(house):
    long = b'{"rooms": 3, "note": "' + b"x" * 250_000 + b'"}'
    assert ask(house, long).status[:3] == "413"
    later = ask(house, b"\n".join([*[ROW] * 1000, long]))
    assert json.loads(later.body.splitlines()[-1])["error"]["status"] == 413


bodies = st.lists(st.binary(max_size=30) | st.sampled_from([b"", b" ", b"\r"]), max_size=60)


@settings(max_examples=60, deadline=None)
@given(bodies, st.integers(1, 7), st.booleans())
def test_all_lines_are_given_once_and_in_order(parts, rows, ends):
    body = b"\n".join(parts) + b"\n" * ends
    reader = LineReader(io.BytesIO(body))
    found = []
    while lines := reader.take(rows, 1000):
        assert len(lines) <= rows
        found += lines
    assert reader.is_over
    assert found == [line.strip() for line in body.split(b"\n") if line.strip()]


def test_a_block_has_no_more_bytes_than_it_may():
    reader = LineReader(io.BytesIO(b"\n".join([b"x" * 40] * 10)))
    assert [len(reader.take(1000, 100)) for _ in range(6)] == [2, 2, 2, 2, 2, 0]
    with pytest.raises(TooLarge):
        LineReader(io.BytesIO(b"x" * 3 * CHUNK)).take(1, CHUNK)
