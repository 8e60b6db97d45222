"""Channels: who is told of alerts, by mail or by a webhook."""

from flask import Blueprint, Response, request, url_for

from web.client.alert_schemas import Channel
from web.client.errors import Conflict, Failure, Forbidden, Refused, Stale
from web.client.functions import Functions
from web.forms.channels import KINDS, parse_channel
from web.forms.preconditions import expected_version
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.readers import require

IN_PLACE = (Refused, Conflict, Forbidden, Stale)


class ChannelPages:
    """Handlers of channels."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return self._page()

    def make(self) -> Reply:
        """Make one; what its calls are signed with is shown this once."""
        try:
            wanted = parse_channel(request.form, request.form.get("kind", ""))
            made = self._functions.alerts.make_channel(wanted, key_of(request.form))
        except IN_PLACE as error:
            return self._page(error)
        if made.secret is not None:
            return self._page(made=made)
        toasts.say(f"{made.title} is told from now on. Send a test to see that it arrives.")
        return see_other(url_for("channels.index"))

    def edit(self, channel: str) -> Reply:
        """Show the form of one."""
        require("write")
        return self._form(self._functions.alerts.channel(channel))

    def change(self, channel: str) -> Reply:
        """Change one, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the channel it changes")
        found = self._functions.alerts.channel(channel)
        try:
            wanted = parse_channel(request.form, found.kind)
            changed = self._functions.alerts.change_channel(channel, wanted, revision)
        except IN_PLACE as error:
            return self._form(found, error)
        toasts.say(f"{changed.title} is changed.")
        return see_other(url_for("channels.index"))

    def delete(self, channel: str) -> Reply:
        """Remove one, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the channel it removes")
        self._functions.alerts.delete_channel(channel, revision)
        toasts.say("The channel is removed: nobody is told there any more.")
        return see_other(url_for("channels.index"))

    def test(self, channel: str) -> Reply:
        """Send a test, and lead to what came of it."""
        notice = self._functions.alerts.test_channel(channel)
        return see_other(url_for("channels.index", notice=notice.id))

    def _page(self, error: Failure | None = None, made: Channel | None = None) -> Response:
        notice = request.args.get("notice", "")
        return render(
            "channels/index.html",
            "tested",
            error=error,
            status=201 if made else None,
            channels=self._functions.alerts.channels(),
            notice=self._functions.alerts.notice(notice) if notice else None,
            made=made,
            texts=request.form if error else {},
            KINDS=KINDS,
        )

    def _form(self, channel: Channel, error: Failure | None = None) -> Response:
        texts = {**request.form} if error else {"name": channel.name, "to": ", ".join(channel.to)}
        if not error and channel.everybody:
            texts["everybody"] = "yes"
        return render("channels/form.html", error=error, channel=channel, texts=texts)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ChannelPages(functions)
    blueprint = Blueprint("channels", __name__, url_prefix="/channels")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/<channel>/edit", "edit", handlers.edit)
    rule("/<channel>", "change", handlers.change, methods=["POST"])
    rule("/<channel>/delete", "delete", handlers.delete, methods=["POST"])
    rule("/<channel>/test", "test", handlers.test, methods=["POST"])
    return blueprint
