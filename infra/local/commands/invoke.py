"""`./mayfly invoke`."""

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any

import click
import httpx

from infra.local.errors import LocalError
from infra.local.stack import daemon


@click.command()
@click.argument("function")
@click.argument("path", default="/")
@click.option("-d", "--data", help="The body; @FILE takes it from a file, - from standard input.")
@click.option("-F", "--form", multiple=True, help="A field of a form: NAME=TEXT or NAME=@FILE.")
@click.option("-X", "--method", help="Default: POST with a body, else GET.")
@click.option("-t", "--content-type", default="application/json", show_default=True)
@click.option("--async", "later", is_flag=True, help="Queue the call; prints its id.")
def command(
    function: str,
    path: str,
    data: str | None,
    form: tuple[str, ...],
    method: str | None,
    content_type: str,
    *,
    later: bool,
) -> None:
    """Call a function with the first API key; the answer goes to standard output.

    The exit code is 1 when the function answers with an error. A body goes with its Content-Digest.

    \b
    Examples:
      ./mayfly invoke datasets /datasets
      ./mayfly invoke datasets '/datasets?name=heart' -F file=@examples/heart.csv
      ./mayfly invoke prediction /models/titanic/predict -d '{"records": [{"sex": "female"}]}'
    """
    if form and data is not None:
        raise click.UsageError("Give --data or --form, not both.")
    stack = daemon.current()
    sent = _fields(form) if form else _content(data, content_type)
    route = "async-function" if later else "function"
    url = f"{stack.gateway_url}/{route}/{function}/{path.lstrip('/')}"
    sent["headers"]["Authorization"] = f"Bearer {_key(stack.key_file)}"
    verb = method or ("POST" if form or data is not None or later else "GET")
    try:
        answer = httpx.request(verb, url, timeout=310, **sent)
    except httpx.LocalProtocolError as error:
        raise LocalError(f"{verb} {url} is no HTTP request: {error}.") from error
    except httpx.TransportError as error:
        raise LocalError(
            f"The gateway at {stack.gateway_url} does not answer ({error}).",
            "Start it: ./mayfly up",
        ) from error
    _show(answer, later=later)


def _key(file: Path) -> str:
    try:
        key = file.read_text().strip()
    except FileNotFoundError as error:
        raise LocalError(
            f"There is no API key at {file}.", "The first ./mayfly up makes it."
        ) from error
    if not key:
        raise LocalError(f"{file} is empty.", "Remove it; the next ./mayfly up makes a key.")
    return key


def _fields(form: tuple[str, ...]) -> dict[str, Any]:
    """Return a form as httpx takes it; a field's text has no file name."""
    files: list[tuple[str, tuple[str | None, bytes]]] = []
    for field in form:
        name, sign, value = field.partition("=")
        if not (name and sign):
            raise click.UsageError(f"--form {field!r}: NAME=TEXT or NAME=@FILE is wanted.")
        if value.startswith("@"):
            path = Path(value[1:])
            files.append((name, (path.name, path.read_bytes())))
        else:
            files.append((name, (None, value.encode())))
    return {"files": files, "headers": {}}


def _content(data: str | None, content_type: str) -> dict[str, Any]:
    """Return a body with its digest, which lets it pass where gateways take the length away."""
    if data is None:
        return {"headers": {}}
    body = _body(data)
    told = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = {"Content-Type": content_type, "Content-Digest": f"sha-256=:{told}:"}
    return {"content": body, "headers": headers}


def _body(data: str) -> bytes:
    if data == "-":
        return sys.stdin.buffer.read()
    if data.startswith("@"):
        return Path(data[1:]).read_bytes()
    return data.encode()


def _show(answer: httpx.Response, *, later: bool) -> None:
    sys.stdout.buffer.write(answer.content)
    if answer.content and not answer.content.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    if later and answer.is_success:
        click.echo(answer.headers.get("X-Call-Id", ""))
    if not answer.is_success:
        click.echo(f"{answer.status_code} {answer.reason_phrase}", err=True)
        sys.exit(1)
