"""Routes for who runs the system: all accounts, and the settings."""

import msgspec

from functions.accounts.model.documents import Settings, SignUpMode
from functions.accounts.model.views import AccountView
from functions.accounts.service.administration import AccountPatch, AccountWish, Administration
from functions.accounts.service.settings import SettingsService
from functions.accounts.transport.fields import repeated
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable


class SettingsPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of the settings."""

    sign_up: SignUpMode | None = None


def add(api: Api, administration: Administration, settings: SettingsService) -> None:
    """Register the routes."""

    @api.route("GET", "/accounts", needs="operate")
    def list_accounts(query: ListQuery) -> Page[AccountView]:
        """List all accounts."""
        return administration.page(query)

    @api.route("POST", "/accounts", needs="operate", status=201, problems=(409, 507))
    def create_account(body: AccountWish, caller: Caller, request: Repeatable) -> AccountView:
        """Make an account; takes an `Idempotency-Key`."""
        return administration.make(body, repeated(request, caller, body))

    @api.route("GET", "/accounts/{account}", needs="operate")
    def get_account(account: str) -> AccountView:
        """Show an account."""
        return administration.get(account)

    @api.route("PATCH", "/accounts/{account}", needs="operate", problems=(409, 507))
    def change_account(account: str, body: AccountPatch) -> AccountView:
        """Change an account's plan or name, or shut it out."""
        return administration.change(account, body)

    @api.route("GET", "/settings", needs="operate")
    def get_settings() -> Settings:
        """Show the settings."""
        return settings.read()

    @api.route("PATCH", "/settings", needs="operate", problems=(507,))
    def change_settings(body: SettingsPatch) -> Settings:
        """Change the settings."""
        return settings.change(body.sign_up)
