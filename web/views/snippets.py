"""A call written as a program: Python and JavaScript, with what comes with either."""

import json
import pprint
from pathlib import Path
from string import Template
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

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


class Snippet(NamedTuple):
    """A program: what it is written in, and its text."""

    language: str
    text: str


def snippets(
    url: str, record: dict[str, Any], key_file: Path | None, ingress: str = ""
) -> list[Snippet]:
    """Return the call that predicts for `record` in each language; the key is named, never shown.

    `ingress` is the host:port to connect to, where the URL's own host does not resolve. A page's
    JavaScript cannot do so, and Node's calls the URL.
    """
    return [
        Snippet("curl", curl_command(url, record, key_file, ingress)),
        Snippet("Python", _python(url, record, key_file, ingress)),
        Snippet("JavaScript", _javascript(url, record, key_file)),
    ]


def _python(url: str, record: dict[str, Any], key_file: Path | None, ingress: str) -> str:
    parts = urlsplit(url)
    headers = '{"Authorization": f"Bearer {key}", "Content-Type": "application/json"}'
    if ingress:
        headers = f'{headers[:-1]}, "Host": {json.dumps(parts.netloc)}}}'
        url = urlunsplit(parts._replace(netloc=ingress))
    key = f"open({str(key_file)!r}).read().strip()" if key_file else 'os.environ["MAYFLY_KEY"]'
    shown = pprint.pformat(record, sort_dicts=False, width=80)
    return PYTHON.substitute(key=key, url=repr(url), headers=headers, record=_moved(shown, 8))


def _javascript(url: str, record: dict[str, Any], key_file: Path | None) -> str:
    file = json.dumps(str(key_file))
    key = f'readFileSync({file}, "utf8").trim()' if key_file else "process.env.MAYFLY_KEY"
    shown = json.dumps(record, indent=2, ensure_ascii=False)
    return JAVASCRIPT.substitute(key=key, url=json.dumps(url), record=_moved(shown, 4))


def _moved(text: str, spaces: int) -> str:
    """Return lines moved to the right; no text of a record's holds a line break of its own."""
    return "\n".join(" " * spaces + line for line in text.split("\n"))
