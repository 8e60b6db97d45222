"""The address that signs the owner in, once."""

from urllib.parse import quote

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from infra.local.calling.function_client import FunctionClient
from infra.local.errors import LocalError

FUNCTION, PATH = "accounts", "/sign-in/links"
TIMEOUT = 20.0  # seconds: a function that starts has that long


def address_of(web_url: str, token: str) -> str:
    """Return the page that takes a one-time token."""
    return f"{web_url.rstrip('/')}/sign-in/link?token={quote(token, safe='')}"


def new_address(addresses: FunctionAddresses, key: str, web_url: str) -> str:
    """Return an address that signs the key's account in.

    Raises:
        LocalError: the function `accounts` gives no token.
    """
    with FunctionClient(addresses, key, TIMEOUT) as client:
        made = client.call("POST", FUNCTION, PATH)
    return address_of(web_url, str(made["token"]))


def told(addresses: FunctionAddresses, key: str, web_url: str) -> str:
    """Return that address for people; or why there is none, since all else may work without."""
    try:
        return f"{new_address(addresses, key, web_url)} (once)"
    except LocalError as error:
        return f"not now ({error.message}); later: ./mayfly users link"
