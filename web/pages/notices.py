"""What a page tells of trainings that were watched, and that end while one looks elsewhere."""

from functools import partial
from typing import Any

from flask import Blueprint, jsonify, request, url_for

from web.client.errors import Failure, NotFound
from web.client.functions import Functions
from web.client.schemas import Job
from web.http.htmx import Reply
from web.pages.at_once import at_once

MOST = 10
WORDS = {
    "succeeded": "The training of {target} has ended: {model} version {version} is ready.",
    "failed": "The training of {target} failed.",
    "cancelled": "The training of {target} was stopped.",
}


class NoticePages:
    """The handler of what watched trainings came to."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def jobs(self) -> Reply:
        """Return for each that was asked about: gone, live, or what it came to and where."""
        asked = list(dict.fromkeys(request.args.getlist("job")))[:MOST]
        found = at_once([partial(self._notice, one) for one in asked]) if asked else []
        return jsonify({name: notice for name, notice in zip(asked, found, strict=True) if notice})

    def _notice(self, job: str) -> dict[str, Any] | None:
        try:
            return _notice(self._functions.training.get(job))
        except NotFound:
            return {"gone": True}
        except Failure:  # it is asked about again
            return None


def _notice(job: Job) -> dict[str, Any]:
    if job.live:
        return {"live": True}
    text = WORDS[job.state].format(target=job.target, model=job.model, version=job.version)
    return {"text": text, "href": url_for("jobs.show", job=job.id)}


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("notices", __name__)
    blueprint.add_url_rule("/notices", "jobs", NoticePages(functions).jobs)
    return blueprint
