"""A call written as a program: Python and JavaScript as they come, and Triton's client."""

import json
import pprint
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from web.client.table_schemas import Column
from web.views.curl import curl_command

PYTHON = Template("""\
import json
import os
import urllib.request

key = $key
body = {
    "records": [
$record
    ]
}
request = urllib.request.Request(
    $url,
    json.dumps(body).encode(),
    $headers,
)
with urllib.request.urlopen(request) as response:
    print(json.dumps(json.load(response), indent=2))
""")
JAVASCRIPT = Template("""\
// Node.js 18 and later: save it as predict.mjs
import { readFileSync } from "node:fs";

const key = $key;
const response = await fetch($url, {
  method: "POST",
  headers: { "Authorization": `Bearer $${key}`, "Content-Type": "application/json" },
  body: JSON.stringify({ records: [
$record
  ] }),
});
console.log(response.status, await response.json());
""")
TRITON = Template("""\
# pip install "tritonclient[http]"
import os

import numpy as np
import tritonclient.http as triton

key = $key
record = {
$record
}


def tensor(name, value):
    if isinstance(value, str):
        kind, array = "BYTES", np.array([[value]], object)
    elif isinstance(value, bool):
        kind, array = "BOOL", np.array([[value]])
    elif isinstance(value, int):
        kind, array = "INT64", np.array([[value]], np.int64)
    else:  # NaN means missing, and so does the empty text
        kind, array = "FP64", np.array([[np.nan if value is None else value]])
    found = triton.InferInput(name, [1, 1], kind)
    found.set_data_from_numpy(array)
    return found


client = triton.InferenceServerClient($place$ssl)
answer = client.infer(
    $model,
    [tensor(name, value) for name, value in record.items()],$version
    headers=$headers,
)
for output in answer.get_response()["outputs"]:
    print(output["name"], answer.as_numpy(output["name"]).tolist())
""")


class Call(NamedTuple):
    """A call that predicts.

    Attributes:
        url: where it goes with JSON.
        base: where the function is, for the Open Inference Protocol.
        model: that is asked.
        version: of it; None for the champion.
        record: what it is asked about.
        texts: the columns whose values are texts.
    """

    url: str
    base: str
    model: str
    version: int | None
    record: dict[str, Any]
    texts: frozenset[str] = frozenset()


class Snippet(NamedTuple):
    """A program: what it is written in, and its text."""

    language: str
    text: str


def snippets(call: Call, key_file: Path | None, ingress: str = "") -> list[Snippet]:
    """Return a call in each language; the key is named, never shown.

    `ingress` is the host:port to connect to, where the URL's own host does not resolve. A page's
    JavaScript cannot do so, and Node's calls the URL.
    """
    url, record = call.url, call.record
    return [
        Snippet("curl", curl_command(url, record, key_file, ingress)),
        Snippet("Python", _python(url, record, key_file, ingress)),
        Snippet("JavaScript", _javascript(url, record, key_file)),
        Snippet("tritonclient", _triton(call, key_file, ingress)),
    ]


def _python(url: str, record: dict[str, Any], key_file: Path | None, ingress: str) -> str:
    parts = urlsplit(url)
    headers = '{"Authorization": f"Bearer {key}", "Content-Type": "application/json"}'
    if ingress:
        headers = f'{headers[:-1]}, "Host": {json.dumps(parts.netloc)}}}'
        url = urlunsplit(parts._replace(netloc=ingress))
    shown = pprint.pformat(record, sort_dicts=False, width=80)
    return PYTHON.substitute(
        key=_key(key_file), url=repr(url), headers=headers, record=_moved(shown, 8)
    )


def _triton(call: Call, key_file: Path | None, ingress: str) -> str:
    parts = urlsplit(call.base)
    headers = '{"Authorization": f"Bearer {key}"}'
    if ingress:
        headers = f'{headers[:-1]}, "Host": {json.dumps(parts.netloc)}}}'
    record = {
        name: "" if value is None and name in call.texts else value
        for name, value in call.record.items()
    }
    shown = pprint.pformat(record, sort_dicts=False, width=80)[1:-1]
    version = "" if call.version is None else f"\n    model_version={str(call.version)!r},"
    return TRITON.substitute(
        key=_key(key_file),
        record=_moved(f" {shown},", 3) if record else "",
        place=repr(f"{ingress or parts.netloc}{parts.path}".rstrip("/")),
        ssl=", ssl=True" if parts.scheme == "https" else "",
        model=repr(call.model),
        version=version,
        headers=headers,
    )


def _key(key_file: Path | None) -> str:
    """Return what reads the key in Python."""
    return f"open({str(key_file)!r}).read().strip()" if key_file else 'os.environ["MAYFLY_KEY"]'


def texts_of(columns: Iterable[Column]) -> frozenset[str]:
    """Return the names of the columns whose values are texts."""
    numbers = ("number", "integer", "boolean")
    return frozenset(column.name for column in columns if column.kind not in numbers)


def _javascript(url: str, record: dict[str, Any], key_file: Path | None) -> str:
    file = json.dumps(str(key_file))
    key = f'readFileSync({file}, "utf8").trim()' if key_file else "process.env.MAYFLY_KEY"
    shown = json.dumps(record, indent=2, ensure_ascii=False)
    return JAVASCRIPT.substitute(key=key, url=json.dumps(url), record=_moved(shown, 4))


def _moved(text: str, spaces: int) -> str:
    """Return lines moved to the right; no text of a record's holds a line break of its own."""
    return "\n".join(" " * spaces + line for line in text.split("\n"))
