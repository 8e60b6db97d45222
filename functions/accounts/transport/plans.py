"""Plans, and what the caller's account has used of its own."""

from functions.accounts.service.plans import Plans, Usage
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.plans import Bounds, Plan
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api


def add(api: Api, plans: Plans) -> None:
    """Register the routes."""

    @api.route("GET", "/plans", needs=None, filters=True)
    def list_plans(query: PageQuery) -> Page[Plan]:
        """List the plans by name."""
        return plans.list(query)

    @api.route("PUT", "/plans/{plan}", needs="operate", problems=(409, 422, 507))
    def put_plan(plan: str, body: Bounds) -> Plan:
        """Make a plan, or change it; every replica holds to it within ten seconds."""
        return plans.put(plan, body)

    @api.route("DELETE", "/plans/{plan}", needs="operate", problems=(409, 422, 507))
    def delete_plan(plan: str) -> None:
        """Remove a plan that no account has; a built-in one gets its own bounds back."""
        plans.delete(plan)

    @api.route("GET", "/usage", needs="self")
    def usage(caller: Caller) -> Usage:
        """Tell how much of its plan the account has used in this window, over all replicas."""
        return plans.usage(caller)
