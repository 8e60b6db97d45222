"""What an open page asks for counts for the workspace that it was made for, or not at all.

The cookie says where the reader is now. A tab that was opened before shows another workspace, whose
things may have the same names; so each page says where it was made, and its requests carry that.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup

from web.client.account_schemas import Workspace
from web.client.errors import Failure
from web.http.destinations import page_of
from web.http.guard import is_open
from web.http.htmx import htmx, render
from web.http.multipart import CHUNK
from web.http.readers import Reader, reader_or_none
from web.http.security import SAFE_METHODS

FIELD = "page-workspace"
"""The hidden field of a form, or the parameter of an address."""
HEADER = "X-Page-Workspace"
FREE = frozenset({"workspaces.choose"})
"""What names its workspace itself."""
Ask = Callable[[], Sequence[Workspace]]


def add(app: Flask, ask: Ask) -> None:
    """Hold the requests of `app` to their pages; `ask` tells the reader's workspaces."""

    def hold() -> Response | None:
        reader = reader_or_none()
        if reader is None or is_open() or request.endpoint in FREE:
            return None
        made_for = _made_for()
        if made_for == reader.seat.workspace or (made_for is None and not _must_tell()):
            return None
        _drain()
        return _refusal(made_for, _known(ask))

    app.before_request(hold)
    app.context_processor(lambda: {"page_headers": page_headers(reader_or_none())})
    app.jinja_env.globals.update(page_field=page_field, page_workspace=page_workspace)


def page_headers(reader: Reader | None) -> dict[str, str]:
    """Return what HTMX sends along from the page that is being made."""
    return {HEADER: reader.seat.workspace} if reader else {}


def page_field() -> Markup:
    """Return the hidden field that a form of the page that is being made begins with."""
    text = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup().join(text.format(*pair) for pair in page_workspace().items())


def page_workspace() -> dict[str, str]:
    """Return the same as parameters of an address: for a download, and a form that holds a file."""
    reader = reader_or_none()
    return {FIELD: reader.seat.workspace} if reader else {}


def _made_for() -> str | None:
    """Return the workspace that the request's page was made for; None where it does not say so.

    A form that holds a file is not read for it: that would take the file in whole.
    """
    told = request.headers.get(HEADER, request.args.get(FIELD))
    if told is None and request.mimetype == "application/x-www-form-urlencoded":
        told = request.form.get(FIELD)
    return told


def _must_tell() -> bool:
    """Tell whether this is a change by a browser, which sends `Origin` along: a page made it."""
    by_browser = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    return by_browser and request.method not in SAFE_METHODS


def _drain() -> None:
    """Read what is left: a browser that is still sending does not look at the answer."""
    while request.stream.read(CHUNK):
        pass


def _known(ask: Ask) -> dict[str, str]:
    try:
        return {one.id: one.name for one in ask()}
    except Failure:  # the notice stands without the way back
        return {}


def _refusal(made_for: str | None, known: dict[str, str]) -> Response:
    """Tell the reader that nothing was done, and where to go on."""
    changes = request.method not in SAFE_METHODS
    told: dict[str, Any] = {
        "made_for": made_for,
        "back": known.get(made_for or ""),
        "page": page_of(request),
        "changes": changes,
    }
    if "text/event-stream" in request.headers.get("Accept", "") and not changes:
        return _last_event(render_template("switched/notice.html", **told))
    if not htmx().wants_fragment:
        return render("switched/page.html", status=409, **told)
    if changes:  # what was typed stays where it is
        toast = make_response(render_template("switched/toast.html", **told), 409)
        return _placed(toast, "#toasts", "beforeend")
    page = render("switched/page.html", "main", status=409, **told)
    return _placed(page, "#main", "innerHTML")


def _placed(response: Response, target: str, swap: str) -> Response:
    """Have HTMX put it there, whatever the old page meant to do with the answer."""
    fields = {"HX-Retarget": target, "HX-Reswap": swap, "HX-Push-Url": "false"}
    response.headers.extend(fields)
    return response


def _last_event(html: str) -> Response:
    """Put `html` in place of what is live, and end it: a refusal would be asked again for ever."""
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    text = f"{lines}\nevent: end\ndata: switched\n\n"
    return Response(text, content_type="text/event-stream")
