"""The composition root: settings and a client of the functions in, a Flask app out."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix

from web.client.functions import Functions
from web.client.transport import time_limits
from web.forms.repeats import new_key
from web.http import (
    assets,
    compression,
    confirmations,
    errors,
    frame,
    guard,
    security,
    tabs,
    telemetry,
    toasts,
)
from web.http.confirmations import Confirmations
from web.http.htmx import Reply
from web.http.seats import Seats
from web.http.shutdown import Shutdown
from web.pages import confirm, home, notices, reports, search
from web.pages.administration import account, accounts, activity, keys, people, plans, workspaces
from web.pages.authentication import invitations, passwords, sign_in, sign_up
from web.pages.authentication.entrance import Entrance
from web.pages.modelling import (
    batches,
    changes,
    charts,
    comparisons,
    docs,
    jobs,
    models,
    predictions,
    realtime,
    versions,
)
from web.pages.monitoring import alerts, channels, logs, monitor, rules
from web.pages.monitoring import overview as monitoring_overview
from web.pages.system import api
from web.pages.system import functions as function_pages
from web.pages.system import settings as settings_pages
from web.pages.tables import (
    cells,
    columns,
    datasets,
    history,
    imports,
    many,
    overview,
    records,
    uploads,
)
from web.pages.tables.grid import GridPage
from web.realtime.connections import Connections
from web.realtime.limits import USUAL, Limits
from web.settings import Settings
from web.views import comparing, registered
from web.views import reports as report_views
from web.views.files import batches as batch_views
from web.views.files import imports as import_views
from web.views.formatting import FILTERS
from web.views.monitoring import operations, words


def create_app(
    settings: Settings, functions: Functions, shutdown: Shutdown, limits: Limits = USUAL
) -> Flask:
    """Return the web app; `limits` are those of its connections."""
    app = Flask("web", static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.autoescape = True
    seats = Seats(settings.secret)
    if settings.proxies:
        counts = {"x_for": settings.proxies, "x_proto": settings.proxies}
        app.wsgi_app = ProxyFix(app.wsgi_app, **counts)  # type: ignore[method-assign]
    telemetry.add(app, settings.key_file)
    compression.add(app)
    assets.add(app, settings.scripts)
    security.add(app, settings.hosts)
    app.before_request(_limit_time)
    app.teardown_request(_end_limit)
    guard.add(app, seats, functions.accounts.me)
    tabs.add(app, functions.accounts.workspaces)
    toasts.add(app, settings.secret)
    frame.add(app, functions.states, settings.version)
    questions = Confirmations(settings.secret)
    confirmations.add(app, questions)
    errors.add(app)
    app.jinja_env.filters.update(_filters())
    app.jinja_env.globals["once"] = new_key
    connections = Connections(functions.accounts.me, shutdown, limits)
    work = _work(settings, functions, shutdown, connections)
    system = _system(settings, functions, shutdown)
    for blueprint in (*work, *_people(functions, seats), *system):
        app.register_blueprint(blueprint)
    app.register_blueprint(confirm.pages(questions))
    app.register_blueprint(realtime.pages(functions, connections))
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    return app


def _filters() -> dict[str, Callable[..., Any]]:
    """Return how values read."""
    of_files = batch_views.FILTERS | import_views.FILTERS
    of_models = comparing.FILTERS | words.FILTERS | report_views.FILTERS | operations.FILTERS
    own: dict[str, Callable[..., Any]] = {
        "drifts": operations.drifts,
        "happened": registered.happened,
    }
    return FILTERS | of_files | of_models | own


def _work(
    settings: Settings, functions: Functions, shutdown: Shutdown, connections: Connections
) -> Iterator[Blueprint]:
    """Yield the pages of data, trainings and models."""
    yield home.pages(functions, settings.examples)
    yield search.pages(functions)
    yield notices.pages(functions)
    yield uploads.pages(functions, settings.examples)
    grid = GridPage(functions)
    yield datasets.pages(functions, grid)
    yield many.pages(functions, grid.show)
    yield cells.pages(functions)
    yield history.pages(functions)
    yield imports.pages(functions)
    yield overview.pages(functions)
    yield columns.pages(functions)
    yield records.pages(functions)
    yield jobs.pages(functions, shutdown)
    yield models.pages(functions)
    yield changes.pages(functions)
    yield comparisons.pages(functions)
    yield versions.pages(functions)
    yield charts.pages(functions)
    yield predictions.pages(functions, settings, connections)
    yield batches.pages(functions)
    yield docs.pages(functions, settings)
    yield from _monitoring(functions)


def _monitoring(functions: Functions) -> Iterator[Blueprint]:
    """Yield the pages that tell whether models are still right."""
    yield from monitoring_overview.pages(functions)
    yield monitor.pages(functions)
    yield alerts.pages(functions)
    yield rules.pages(functions)
    yield channels.pages(functions)
    yield logs.pages(functions)
    yield reports.pages(functions)


def _people(functions: Functions, seats: Seats) -> Iterator[Blueprint]:
    """Yield the pages of accounts."""
    entrance = Entrance(functions, seats)
    yield sign_in.pages(functions, entrance)
    yield sign_up.pages(functions, entrance)
    yield passwords.pages(functions, entrance)
    yield invitations.pages(functions, entrance)
    yield account.pages(functions, entrance)
    yield workspaces.pages(functions, entrance)
    yield people.pages(functions)
    yield keys.pages(functions)
    yield plans.pages(functions)
    yield activity.pages(functions)
    yield accounts.pages(functions)


def _system(settings: Settings, functions: Functions, shutdown: Shutdown) -> Iterator[Blueprint]:
    """Yield the pages about the system itself."""
    yield function_pages.pages(functions, shutdown)
    yield api.pages(functions, settings)
    yield settings_pages.pages(settings)


def _limit_time() -> None:
    """Give a page one time for all its calls together; a change has a time for each."""
    time_limits.begin_page(time_limits.PAGE if request.method in security.SAFE_METHODS else None)


def _end_limit(_: BaseException | None = None) -> None:
    """Take the time from what runs in this context next."""
    time_limits.begin_page(None)


def _healthz() -> Reply:
    """Say that this process answers; the functions have checks of their own."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def _favicon() -> Reply:
    """Send browsers that ask for a mark of their own accord to ours."""
    return redirect(assets.url("mark.svg"), 301)
