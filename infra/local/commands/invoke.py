"""`./mayfly invoke`."""

import sys
from pathlib import Path

import click
import httpx

from infra.local.errors import LocalError
from infra.local.stack import daemon


@click.command()
@click.argument("function")
@click.argument("path", default="/")
@click.option("-d", "--data", help="The body; @FILE takes it from a file, - from standard input.")
@click.option("-X", "--method", help="Default: POST with a body, else GET.")
@click.option("-t", "--content-type", default="application/json", show_default=True)
@click.option("--async", "later", is_flag=True, help="Queue the call; prints its id.")
def command(
    function: str,
    path: str,
    data: str | None,
    method: str | None,
    content_type: str,
    *,
    later: bool,
) -> None:
    """Call a function with the first API key; the answer goes to standard output.

    The exit code is 1 when the function answers with an error.

    \b
    Examples:
      ./mayfly invoke datasets /datasets
      ./mayfly invoke datasets '/datasets?name=heart' -t text/csv -d @examples/heart.csv
      ./mayfly invoke prediction /models/titanic/predict -d '{"records": [{"sex": "female"}]}'
    """
    stack = daemon.current()
    body = _body(data)
    route = "async-function" if later else "function"
    url = f"{stack.gateway_url}/{route}/{function}/{path.lstrip('/')}"
    headers = {"Authorization": f"Bearer {_key(stack.key_file)}", "Content-Type": content_type}
    if body is None:
        del headers["Content-Type"]
    verb = method or ("POST" if body is not None or later else "GET")
    try:
        answer = httpx.request(verb, url, content=body, headers=headers, timeout=310)
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


def _body(data: str | None) -> bytes | None:
    if data is None:
        return None
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
