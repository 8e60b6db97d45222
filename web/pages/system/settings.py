"""One place that leads to all that can be set, and says what this is and where its data lies."""

from flask import Blueprint

from web.client.account_schemas import Right
from web.http.htmx import Reply, render
from web.http.readers import reader
from web.pages.system.licences import packages, scripts
from web.settings import Settings

PLACES: tuple[tuple[str, tuple[tuple[str, str, str, Right], ...]], ...] = (
    (
        "You",
        (
            (
                "account.show",
                "Account",
                "your name, your password, where you are signed in",
                "self",
            ),
            ("workspaces.index", "Workspaces", "where you are, and may go", "self"),
            ("keys.index", "Keys", "what programs call with in your name", "self"),
            ("plans.index", "Plans and usage", "what your plan allows, and what is used", "self"),
        ),
    ),
    (
        "This workspace",
        (
            ("people.index", "People", "who is in it, and may do what; invitations", "read"),
            ("activity.index", "Activity", "who asked what of it, and how that went", "read"),
            ("api.index", "API", "all that the functions may be asked", "read"),
        ),
    ),
    (
        "The system",
        (
            ("accounts.index", "All accounts", "who is here, and who may come in", "operate"),
            ("functions.index", "Functions", "what runs, how it does, and its logs", "operate"),
        ),
    ),
)


class SettingsPages:
    """Handlers of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def show(self) -> Reply:
        """Show all that the reader may go on to."""
        rights = reader()
        groups = [
            (title, [one for one in places if rights.may(one[3])]) for title, places in PLACES
        ]
        return render(
            "settings/show.html",
            groups=[(title, places) for title, places in groups if places],
            settings=self._settings,
            operates=rights.me is not None and rights.may("operate"),
            packages=packages(),
            scripts=scripts(self._settings.scripts),
        )


def pages(settings: Settings) -> Blueprint:
    """Return the blueprint."""
    handlers = SettingsPages(settings)
    blueprint = Blueprint("settings", __name__)
    blueprint.add_url_rule("/settings", "show", handlers.show)
    return blueprint
