"""A cookie of the pages for a session that no function was asked for."""

import time

from flask import Request, Response
from werkzeug.test import EnvironBuilder

from web.http.seats import Seat, Seats

LONGER_THAN_A_RUN = 6 * 3600
"""Seconds: a fixture may hold a cookie as long as all tests take."""


def cookie(
    secret: str, host: str = "localhost", token: str = "mfs_x", workspace: str = "main"
) -> tuple[str, str]:
    """Return its name and its text, as the pages at `host` would give it."""
    request = Request(EnvironBuilder(base_url=f"http://{host}/").get_environ())
    reply = Response()
    until = int(time.time()) + LONGER_THAN_A_RUN
    seat = Seat(token, "ada", "Ada", workspace, "Main", until)
    Seats(secret).give(request, reply, seat)
    name, _, text = reply.headers["Set-Cookie"].partition(";")[0].partition("=")
    return name, text
