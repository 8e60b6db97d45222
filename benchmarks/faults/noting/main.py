"""Notes each call that it carries out, so that an audit can count effects."""

import os

import flask


def handle(request: flask.Request) -> str:
    """Append the call's id to the file that the query names: one write, whole or not at all."""
    note = f"{request.headers['X-Call-Id']}\n".encode()
    file = os.open(request.args["file"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, note)
    finally:
        os.close(file)
    return "noted"
