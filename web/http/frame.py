"""What stands around every page: how the parts do, which are away, and which version this is."""

from collections.abc import Callable, Mapping

from flask import Flask

NAMES = {
    "datasets": "Data",
    "training": "Training",
    "models": "Models",
    "prediction": "Predictions",
    "monitoring": "Monitoring",
    "reports": "Reports",
    "accounts": "Accounts",
}
"""The parts as readers know them, by the function."""
WITHOUT = {
    "datasets": "tables cannot be opened or changed",
    "training": "trainings do not start, and are not shown",
    "models": "models cannot be looked at or promoted",
    "prediction": "models do not answer here",
    "monitoring": "what models answered is not shown",
    "reports": "reports are not made or shown",
    "accounts": "nobody can sign in, and people and keys are not shown",
}
"""What cannot be done while one is away."""


def add(app: Flask, states: Callable[[], Mapping[str, str]], version: str) -> None:
    """Let the pages of `app` tell how the parts do.

    Args:
        app: the pages.
        states: gives "up", "away" or "unknown" for each function, at once.
        version: of Mayfly; empty where it is not known.
    """

    def parts() -> list[tuple[str, str]]:
        return [(NAMES.get(name, name), state) for name, state in states().items()]

    def outages() -> list[tuple[str, str]]:
        away = [name for name, state in states().items() if state == "away"]
        return [(NAMES.get(name, name), WITHOUT.get(name, "")) for name in away]

    app.jinja_env.globals.update(parts=parts, outages=outages, mayfly_version=version)
