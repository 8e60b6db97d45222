"""The routes of channels."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses.etags import Conditional, etag, if_match
from functions.kit.http.routing.routes import Reply
from functions.monitoring.model.alerts.channels import ChannelSpec, ChannelView
from functions.monitoring.service.alerts.channel_tests import ChannelTests
from functions.monitoring.service.alerts.channels import ChannelService
from functions.monitoring.transport.alerts.views import NoticeView, notice_view


def add(api: Api, service: ChannelService, tests: ChannelTests) -> None:
    """Register the routes."""

    @api.route("GET", "/channels")
    def list_channels(caller: Caller) -> Page[ChannelView]:
        """List the channels that may be told of alerts."""
        return Page(service.all(caller.workspace))

    @api.route("POST", "/channels", status=201, problems=(409, 410, 422, 507))
    def create_channel(
        body: ChannelSpec, request: Repeatable, caller: Caller
    ) -> Reply[ChannelView]:
        """Make a channel; a repeat with the same `Idempotency-Key` header is the same channel.

        What is secret of it is not shown again: a secret that is made here is in this answer alone.
        """
        made = service.create(caller.workspace, body, caller, request_id(request, caller))
        return _shown(made, 201, {"Location": f"channels/{made.id}"})

    @api.route("GET", "/channels/{channel}")
    def get_channel(channel: str, caller: Caller) -> Reply[ChannelView]:
        """Show a channel, without what is secret; its ETag is what If-Match may name."""
        return _shown(service.get(Place(caller.workspace, channel)))

    @api.route("PUT", "/channels/{channel}", problems=(412, 422, 507))
    def replace_channel(
        channel: str, body: ChannelSpec, request: Conditional, caller: Caller
    ) -> Reply[ChannelView]:
        """Change a channel (If-Match: its revision); what is secret stays unless it is given."""
        place = Place(caller.workspace, channel)
        return _shown(service.replace(place, body, caller, if_match(request)))

    @api.route("DELETE", "/channels/{channel}", problems=(412, 507))
    def delete_channel(channel: str, request: Conditional, caller: Caller) -> None:
        """Remove a channel (If-Match: its revision); notices to it fail from then on."""
        service.remove(Place(caller.workspace, channel), if_match(request))

    @api.route("POST", "/channels/{channel}/test", status=202, problems=(429, 507))
    def test_channel(channel: str, caller: Caller) -> Reply[NoticeView]:
        """Send a test to a channel; its notice says whether it was taken.

        Five of a channel, and twenty of all of an account's, within ten minutes (429).
        """
        notice = tests.test(Place(caller.workspace, channel), caller)
        return Reply(notice_view(notice), 202)


def _shown(
    channel: ChannelView, status: int = 200, headers: dict[str, str] | None = None
) -> Reply[ChannelView]:
    return Reply(channel, status, {"ETag": etag(channel.revision), **(headers or {})})
