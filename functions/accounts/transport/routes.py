"""The routes of accounts, sessions and workspaces; keys, plans and activity have their own."""

from functions.accounts.service.services import Services
from functions.accounts.transport import administration, me, own, sign_in, sign_up, workspaces
from functions.kit.http.api import Api


def add(api: Api, services: Services, hops: int) -> None:
    """Register the routes.

    Args:
        api: gets them.
        services: do the work.
        hops: how many proxies before the function are ours.
    """
    me.add(api)
    sign_in.add(api, services.sign_in, hops)
    sign_up.add(api, services.sign_up, services.passwords, services.settings, hops)
    own.add(api, services.accounts, services.sessions, services.passwords, hops)
    workspaces.add_workspaces(api, services.workspaces)
    workspaces.add_people(api, services.people)
    workspaces.add_invitations(api, services.invitations)
    administration.add(api, services.administration, services.settings)
