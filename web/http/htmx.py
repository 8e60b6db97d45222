"""HTMX, typed: what a request says of itself, and the answers that it understands."""

from dataclasses import dataclass
from typing import Any

from flask import Request, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue as Reply
from jinja2_fragments.flask import render_block

from web.client.errors import Failure
from web.http.statuses import status_of

__all__ = ["Htmx", "Reply", "htmx", "render", "see_other", "toast"]


@dataclass(frozen=True)
class Htmx:
    """The HX- headers of a request; `target` is the id of the element that is to change."""

    request: bool
    boosted: bool
    restoring: bool
    target: str

    @classmethod
    def of(cls, request: Request) -> "Htmx":
        """Read the headers."""
        headers = request.headers
        return cls(
            request=headers.get("HX-Request") == "true",
            boosted=headers.get("HX-Boosted") == "true",
            restoring=headers.get("HX-History-Restore-Request") == "true",
            target=headers.get("HX-Target", "").partition("#")[2],
        )

    @property
    def wants_fragment(self) -> bool:
        """Whether a part of the page is wanted, not all of it."""
        return self.request and not self.boosted and not self.restoring


def htmx() -> Htmx:
    """Return what the current request says of itself."""
    return Htmx.of(request)


def render(
    template: str,
    *blocks: str,
    error: Failure | None = None,
    status: int | None = None,
    **context: Any,
) -> Response:
    """Render a page, or where HTMX asks for a fragment, one block of it.

    Args:
        template: the page.
        blocks: those that may go out alone; a block has the name of the element that it fills,
            and the first is taken for any other target.
        error: what the page tells of in place; the template knows it as `error`.
        status: of the answer; by default the error's, and 200 without one.
        context: what the template needs.
    """
    if status is None:
        status = status_of(error) if error else 200
    context["error"] = error
    if blocks and htmx().wants_fragment:
        target = htmx().target
        block = target if target in blocks else blocks[0]
        return make_response(render_block(template, block, **context), status)
    return make_response(render_template(template, **context), status)


def see_other(url: str) -> Response:
    """Send the reader to `url` after a change (303)."""
    if htmx().wants_fragment:  # fetch would follow a 303 by itself and get a whole page
        response = make_response("", 200)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def toast(message: str, status: int) -> Response:
    """Answer a fragment's request with a message at the edge of the page, in place of content."""
    response = make_response(render_template("toast.html", message=message), status)
    response.headers["HX-Retarget"] = "#toasts"
    response.headers["HX-Reswap"] = "beforeend"
    return response
