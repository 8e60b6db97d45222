"""The routes of rules."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses.etags import Conditional, etag, if_match
from functions.kit.http.routing.routes import Reply
from functions.monitoring.model.alerts.rules import RuleSpec
from functions.monitoring.service.alerts.rules import RuleService, RuleView
from functions.monitoring.transport.alerts.views import NoticeView, Tested, notice_view

RULES = "/models/{model}/rules"
RULE = f"{RULES}/{{rule}}"


def add(api: Api, service: RuleService) -> None:
    """Register the routes."""

    @api.route("GET", RULES)
    def list_rules(model: str, caller: Caller) -> Page[RuleView]:
        """List a model's rules, and how each stands."""
        return Page(service.all(Place(caller.workspace, model)))

    @api.route("POST", RULES, status=201, problems=(409, 422, 507))
    def create_rule(
        model: str, body: RuleSpec, request: Repeatable, caller: Caller
    ) -> Reply[RuleView]:
        """Make a rule; a repeat with the same `Idempotency-Key` header is the same rule."""
        place, asked = Place(caller.workspace, model), request_id(request, caller)
        made = service.create(place, body, caller, asked)
        return _shown(made, 201, {"Location": f"rules/{made.id}"})

    @api.route("GET", RULE)
    def get_rule(model: str, rule: str, caller: Caller) -> Reply[RuleView]:
        """Show a rule; its ETag is what If-Match of a change may name."""
        return _shown(service.get(Place(caller.workspace, model), rule))

    @api.route("PUT", RULE, problems=(412, 422, 507))
    def replace_rule(
        model: str, rule: str, body: RuleSpec, request: Conditional, caller: Caller
    ) -> Reply[RuleView]:
        """Change a rule (If-Match: its revision).

        Where it looks at something else by then, it begins anew, and an alert of it ends.
        """
        place = Place(caller.workspace, model)
        return _shown(service.replace(place, rule, body, caller, if_match(request)))

    @api.route("DELETE", RULE, problems=(412, 507))
    def delete_rule(model: str, rule: str, request: Conditional, caller: Caller) -> None:
        """Remove a rule (If-Match: its revision); an alert of it ends."""
        service.remove(Place(caller.workspace, model), rule, if_match(request))

    @api.route("POST", f"{RULE}/test", status=202, problems=(409, 429, 507))
    def test_rule(model: str, rule: str, caller: Caller) -> Reply[Tested]:
        """Send a test to each channel of a rule; its notices say whether they were taken.

        They count as tests of these channels do (429).
        """
        notices = service.test(Place(caller.workspace, model), rule, caller)
        return Reply(Tested([notice_view(one) for one in notices]), 202)

    @api.route("GET", "/notices/{notice}", filters=True)
    def get_notice(notice: str, caller: Caller) -> NoticeView:
        """Show what a channel was told, and whether it took it."""
        return notice_view(service.notice(Place(caller.workspace, notice), caller))


def _shown(
    rule: RuleView, status: int = 200, headers: dict[str, str] | None = None
) -> Reply[RuleView]:
    return Reply(rule, status, {"ETag": etag(rule.revision), **(headers or {})})
