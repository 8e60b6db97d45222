"""A file is looked at before anything is stored, and each choice can be changed."""

import html
import io
import json

import msgspec

from functions.datasets.model.reading.previews import ColumnPreview, Decision, Preview
from functions.datasets.model.reading.questions import Option, Question
from functions.datasets.model.reading.shapes import ColumnReading, Dialect, Reading


def preview():
    """As the function itself answers."""
    why = Decision("kind", "number", 1.0, "all <cells> are numbers")
    ways = [Option("a day written %d/%m/%Y", {"columns": [{"source": "day", "kind": "date"}]})]
    return msgspec.to_builtins(
        Preview(
            reading=Reading(dialect=Dialect(), columns=[ColumnReading(name="a", kind="number")]),
            rows=12,
            columns=[ColumnPreview("a", "number", "feature", [why], 1, 9, ["1,5"])],
            questions=[Question("date_format", "day", "its cells can be read in 2 ways", ways)],
        )
    )


def look(client, **fields):
    sent = {"name": "mine", **fields, "file": (io.BytesIO(b"a\n1\n"), "a.csv")}
    return client.post("/datasets/preview", data=sent, content_type="multipart/form-data")


def test_what_is_found_is_shown_asked_and_can_be_changed(browser, double):
    double.preview = preview()
    answer = look(browser)
    assert answer.status_code == 200
    text = html.unescape(answer.text)
    assert "12 rows, 1 column. Nothing is stored yet." in text
    assert "all &lt;cells&gt; are numbers" in answer.text
    assert "a day written day/month/year" in text
    assert """value='{"dialect":{"delimiter":";"}}'""".replace("'", '"') in text
    assert 'value="mine"' in text
    assert not double.datasets
    said = {
        "choice.dialect.delimiter": '{"dialect":{"delimiter":";"}}',
        "choice.kind.1": '{"columns":[{"source":"a","kind":"text"}]}',
        "choice.dialect.header": "",
    }
    again = look(browser, **said)
    wanted = {
        "dialect": {"delimiter": ";"},
        "columns": [{"source": "a", "kind": "text"}],
    }
    assert json.loads(double.readings["preview"]) == wanted
    assert (
        html.escape(json.dumps(wanted, separators=(",", ":")), quote=True).replace(
            "&quot;", "&#34;"
        )
        in again.text
    )


def test_a_look_without_a_file_asks_for_one(browser):
    sent = {"file": (io.BytesIO(b""), "")}
    answer = browser.post("/datasets/preview", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text
