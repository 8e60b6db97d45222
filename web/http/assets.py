"""Static files: our own, and scripts from npm; the address carries a hash, so caches keep it."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, send_file, url_for

from web.http import compression

STATIC = Path(__file__).parents[1] / "static"
SCRIPTS = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "vega.js": "vega/build/vega.min.js",
    "vega-lite.js": "vega-lite/build/vega-lite.min.js",
    "vega-embed.js": "vega-embed/build/vega-embed.min.js",
}
YEAR = 365 * 24 * 3600


def add(app: Flask, scripts: Path) -> None:
    """Serve /static/<name>; `scripts` is the folder of npm's packages."""
    app.extensions["assets"] = _files(scripts)
    app.add_url_rule("/static/<path:name>", "asset", send)
    app.jinja_env.globals["asset"] = url


def _files(scripts: Path) -> dict[str, Path]:
    """Return each file by its name on the wire."""
    ours = {
        path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()
    }
    return ours | {name: scripts / place for name, place in SCRIPTS.items()}


def url(name: str) -> str:
    """Return the address of a static file."""
    path = _path(name)
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return url_for("asset", name=name, v=_digest(path, stamp))


def send(name: str) -> Response:
    """Send a static file."""
    path = _path(name)
    if not path.is_file():
        abort(404, f"{name} is not installed; run 'npm ci' in web/.")
    response = send_file(path, max_age=YEAR)
    response.cache_control.immutable = True
    compression.pack_file(response, path)
    return response


def _path(name: str) -> Path:
    files: dict[str, Path] = current_app.extensions["assets"]
    if name not in files:
        abort(404, f"There is no file '{name}'.")
    return files[name]


@cache
def _digest(path: Path, stamp: int) -> str:  # noqa: ARG001 - a changed file has another stamp
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"
