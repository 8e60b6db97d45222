"""The composition root: settings and a client of the functions in, a Flask app out."""

from flask import Flask, redirect, request

from web.client import time_limits
from web.client.functions import Functions
from web.http import assets, errors, security
from web.http.htmx import Reply
from web.http.shutdown import Shutdown
from web.pages import (
    charts,
    columns,
    datasets,
    home,
    jobs,
    models,
    predictions,
    records,
    uploads,
    versions,
)
from web.settings import Settings
from web.views.formatting import FILTERS


def create_app(settings: Settings, functions: Functions, shutdown: Shutdown) -> Flask:
    """Return the web app."""
    app = Flask("web", static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.autoescape = True
    assets.add(app, settings.scripts)
    security.add(app, settings.hosts)
    errors.add(app)
    app.jinja_env.filters.update(FILTERS)
    pages = (
        home.pages(functions, settings.examples),
        uploads.pages(functions, settings.examples),
        datasets.pages(functions),
        columns.pages(functions),
        records.pages(functions),
        jobs.pages(functions, shutdown),
        models.pages(functions),
        versions.pages(functions),
        charts.pages(functions),
        predictions.pages(functions, settings),
    )
    for blueprint in pages:
        app.register_blueprint(blueprint)
    app.before_request(_limit_time)
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    return app


def _limit_time() -> None:
    """Give a page one time for all its calls together; a change has a time for each."""
    time_limits.begin_page(time_limits.PAGE if request.method in security.SAFE_METHODS else None)


def _healthz() -> Reply:
    """Say that this process answers; the functions have checks of their own."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def _favicon() -> Reply:
    """Send browsers that ask for a mark of their own accord to ours."""
    return redirect(assets.url("mark.svg"), 301)
