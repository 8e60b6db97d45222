"""Who is calling."""

import msgspec

from functions.accounts.model.keys import Only
from functions.kit.contract.access.identity import Caller, Right
from functions.kit.http.api import Api


class Me(msgspec.Struct, kw_only=True):
    """What a credential may do.

    Attributes:
        name: of the account or of the key.
        kind: what was shown: "key" or "session".
        account: the account's id.
        workspace: whose things are meant.
        rights: what may be done there.
        only: the one thing that the key is for.
        plan: the name of the account's plan.
    """

    name: str
    kind: str
    account: str
    workspace: str
    rights: list[Right]
    only: Only | None
    plan: str


def add(api: Api) -> None:
    """Register the route."""

    @api.route("GET", "/me", needs=None, filters=True)
    def me(caller: Caller) -> Me:
        """Tell who calls, and what that may do here."""
        return Me(
            name=caller.name,
            kind=caller.kind,
            account=caller.account,
            workspace=caller.workspace,
            rights=sorted(caller.rights),
            only=Only(*caller.only) if caller.only else None,
            plan=caller.plan,
        )
