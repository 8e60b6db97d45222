"""Routes to workspaces, their people, and invitations to them."""

import msgspec

from functions.accounts.service.membership.invitations import (
    Invitations,
    InvitationView,
    Joined,
    NewInvitation,
)
from functions.accounts.service.membership.people import People, Person
from functions.accounts.service.membership.workspaces import Workspaces, WorkspaceView
from functions.accounts.transport.fields import Email, Named, OneTime, repeated
from functions.accounts.transport.refusals import answered
from functions.kit.contract.access.identity import Caller, Role
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody is to be."""

    role: Role


class Invited(msgspec.Struct, forbid_unknown_fields=True):
    """Who is to become what."""

    email: Email
    role: Role


def add_workspaces(api: Api, workspaces: Workspaces) -> None:
    """Register the routes to workspaces."""

    @api.route("GET", "/workspaces", needs="self")
    def list_workspaces(query: PageQuery, caller: Caller) -> Page[WorkspaceView]:
        """List the workspaces that the caller's account belongs to."""
        return workspaces.page(caller.account, query)

    @api.route("POST", "/workspaces", needs="self", status=201, problems=(409, 507))
    def create_workspace(body: Named, caller: Caller, request: Repeatable) -> WorkspaceView:
        """Make a workspace that the caller's account owns; takes an `Idempotency-Key`."""
        return workspaces.make(caller.account, body.name, repeated(request, caller, body))

    @api.route("PATCH", "/workspaces/{workspace}", needs="self", problems=(507,))
    @answered()
    def rename_workspace(workspace: str, body: Named, caller: Caller) -> WorkspaceView:
        """Give a workspace another name."""
        return workspaces.rename(caller.account, workspace, body.name)


def add_people(api: Api, people: People) -> None:
    """Register the routes to people."""

    @api.route("GET", "/people")
    def list_people(query: ListQuery, caller: Caller) -> Page[Person]:
        """List the members of the workspace."""
        return people.page(caller.workspace, query)

    @api.route("PATCH", "/people/{account}", needs="manage", problems=(409, 507))
    def change_role(account: str, body: NewRole, caller: Caller) -> Person:
        """Give a member of the workspace another role."""
        return people.change(caller.workspace, account, body.role)

    @api.route("DELETE", "/people/{account}", needs="manage", problems=(409, 507))
    def remove_person(account: str, caller: Caller) -> None:
        """Let a member of the workspace be one no more."""
        people.remove(caller.workspace, account)


def add_invitations(api: Api, invitations: Invitations) -> None:
    """Register the routes to invitations."""

    @api.route("GET", "/invitations", needs="manage")
    def list_invitations(query: PageQuery, caller: Caller) -> Page[InvitationView]:
        """List the invitations to the workspace that wait."""
        return invitations.page(caller.workspace, query)

    @api.route("POST", "/invitations", needs="manage", status=201, problems=(409, 410, 429, 507))
    @answered()
    def invite(body: Invited, caller: Caller, request: Repeatable) -> NewInvitation:
        """Invite somebody to the workspace; takes an `Idempotency-Key`."""
        again = repeated(request, caller, body)
        return invitations.make(caller.workspace, body.email, body.role, again)

    @api.route("DELETE", "/invitations/{invitation}", needs="manage", problems=(507,))
    def withdraw_invitation(invitation: str, caller: Caller) -> None:
        """End an invitation."""
        invitations.withdraw(caller.workspace, invitation)

    @api.route("POST", "/invitations/accept", needs="self", status=201, problems=(409, 507))
    @answered()
    def accept_invitation(body: OneTime, caller: Caller) -> Joined:
        """Make the caller's account a member of the workspace that it is invited to."""
        return invitations.accept(caller.account, body.token)
