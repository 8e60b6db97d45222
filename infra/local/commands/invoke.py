"""`./mayfly invoke`."""

import sys
from pathlib import Path

import click
import httpx

from functions.kit.adapters import ingress
from functions.kit.adapters.retries import REPEATABLE, answered
from infra.local.commands.remote import Remote, remote_option
from infra.local.errors import LocalError
from infra.local.stack import daemon


@click.command()
@click.argument("function")
@click.argument("path", default="/")
@click.option("-d", "--data", help="The body; @FILE takes it from a file, - from standard input.")
@click.option("-X", "--method", help="Default: POST with a body, else GET.")
@click.option("-t", "--content-type", default="application/json", show_default=True)
@click.option("--async", "later", is_flag=True, help="Queue the call; prints its id.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="File with the API key; without one, the first key of this machine.",
)
@remote_option
def command(
    function: str,
    path: str,
    data: str | None,
    method: str | None,
    content_type: str,
    *,
    later: bool,
    key_file: Path | None,
    remote: Remote | None,
) -> None:
    """Call a function with the first API key; the answer goes to standard output.

    The exit code is 1 when the function answers with an error.

    \b
    Examples:
      ./mayfly invoke datasets /datasets
      ./mayfly invoke datasets '/datasets?name=heart' -t text/csv -d @examples/heart.csv
      ./mayfly invoke prediction /models/titanic/predict -d '{"records": [{"sex": "female"}]}'
      ./mayfly invoke datasets /datasets --function-url 'https://{name}.example.com{path}'
    """
    stack = daemon.current()
    body = _body(data)
    target = remote or Remote(stack.addresses, stack.openfaas_url)
    url = _url(target, function, f"/{path.lstrip('/')}", later=later)
    headers = {"Authorization": f"Bearer {_key(key_file or stack.key_file)}"}
    if body is not None:
        headers["Content-Type"] = content_type
    verb = method or ("POST" if body is not None or later else "GET")
    _show(_sent(target, verb, url, body, headers), later=later)


def _url(target: Remote, function: str, path: str, *, later: bool) -> str:
    """Return where a call goes.

    Raises:
        LocalError: the function has no such name, or the system has no queue for calls.
    """
    if later and not target.gateway:
        raise LocalError(
            "Asynchronous calls are OpenFaaS's, and this system has no such gateway.",
            "Call without --async, or name its gateway: --gateway URL",
        )
    try:
        url = target.addresses.url(function, path)
    except ValueError as error:
        raise LocalError(f"{error}", "See ./mayfly status for their names.") from error
    return f"{target.gateway}/async-function/{function}{path}" if later else url


def _sent(
    target: Remote, verb: str, url: str, body: bytes | None, headers: dict[str, str]
) -> httpx.Response:
    network = ingress.transport(target.addresses)
    try:
        with httpx.Client(transport=network, timeout=310) as client:
            request = client.build_request(verb, url, content=body, headers=headers)
            return answered(lambda: client.send(request), repeatable=verb.upper() in REPEATABLE)
    except (httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise LocalError(f"{verb} {url} is no HTTP request: {error}.") from error
    except httpx.TransportError as error:
        place = target.gateway or url
        raise LocalError(f"{place} does not answer ({error}).", "Start it: ./mayfly up") from error


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
