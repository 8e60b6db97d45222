"""`./mayfly invoke`."""

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any

import click
import httpx

from functions.kit.adapters.calls import ingress
from functions.kit.adapters.calls.retries import REPEATABLE, answered
from infra.local.commands.remote import Remote, key_for, remote_option
from infra.local.errors import LocalError
from infra.local.key_file import KEY
from infra.local.stack import daemon


@click.command()
@click.argument("function")
@click.argument("path", default="/")
@click.option("-d", "--data", help="The body; @FILE takes it from a file, - from standard input.")
@click.option("-F", "--form", multiple=True, help="A field of a form: NAME=TEXT or NAME=@FILE.")
@click.option("-X", "--method", help="Default: POST with a body, else GET.")
@click.option("-t", "--content-type", default="application/json", show_default=True)
@click.option("--async", "later", is_flag=True, help="Queue the call; prints its id.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help=f"File with the API key; without one [{KEY}], or the first key of this machine.",
)
@remote_option
def command(
    function: str,
    path: str,
    data: str | None,
    form: tuple[str, ...],
    method: str | None,
    content_type: str,
    *,
    later: bool,
    key_file: Path | None,
    remote: Remote | None,
) -> None:
    """Call a function with the first API key; the answer goes to standard output.

    The exit code is 1 when the function answers with an error. A body goes with its Content-Digest.

    \b
    Examples:
      ./mayfly invoke datasets /datasets
      ./mayfly invoke datasets '/datasets?name=heart' -F file=@examples/heart.csv
      ./mayfly invoke prediction /models/titanic/predict -d '{"records": [{"sex": "female"}]}'
      ./mayfly invoke datasets /datasets --function-url 'https://{name}.example.com{path}'
    """
    if form and data is not None:
        raise click.UsageError("Give --data or --form, not both.")
    stack = daemon.current()
    target = remote or Remote(stack.addresses, stack.openfaas_url)
    url = _url(target, function, f"/{path.lstrip('/')}", later=later)
    sent = _fields(form) if form else _content(data, content_type)
    sent["headers"]["Authorization"] = f"Bearer {key_for(remote, key_file, stack.key_file)}"
    verb = method or ("POST" if form or data is not None or later else "GET")
    _show(_sent(target, verb, url, sent), later=later)


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


def _sent(target: Remote, verb: str, url: str, sent: dict[str, Any]) -> httpx.Response:
    network = ingress.transport(target.addresses)
    try:
        with httpx.Client(transport=network, timeout=310) as client:
            request = client.build_request(verb, url, **sent)
            return answered(lambda: client.send(request), repeatable=verb.upper() in REPEATABLE)
    except (httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise LocalError(f"{verb} {url} is no HTTP request: {error}.") from error
    except httpx.TransportError as error:
        place = target.gateway or url
        raise LocalError(f"{place} does not answer ({error}).", "Start it: ./mayfly up") from error


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
