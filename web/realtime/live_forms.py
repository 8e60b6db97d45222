"""What a page of ours asks while its fields change: the form, for the HTML of its answer."""

from http import HTTPStatus
from urllib.parse import parse_qsl

import msgspec
from werkzeug.datastructures import MultiDict

from web.client.transport.relay import Answered
from web.http.statuses import phrase
from web.realtime import messages


class _Body(msgspec.Struct):
    form: str = ""


_body = msgspec.json.Decoder(_Body)


def read(body: bytes) -> MultiDict[str, str]:
    """Return the fields of a question, which has them in `form` as a browser would send them."""
    try:
        text = _body.decode(body).form
    except msgspec.ValidationError:  # no page of ours sends that
        text = ""
    return MultiDict(parse_qsl(text, keep_blank_values=True))


def answer(html: str) -> Answered:
    """Return an answer that is HTML."""
    return Answered(HTTPStatus.OK, {}, msgspec.json.encode(html))


def problem(status: int, detail: str) -> Answered:
    """Return why there is no answer."""
    return Answered(status, {}, messages.problem(status, phrase(status), detail))
