"""Where a call comes from, by as many hops as are ours."""

from ipaddress import IPv6Address, ip_address

from flask import Request

from functions.accounts.service.authentication.sessions import Visitor

LONGEST_AGENT = 200
UNKNOWN = "unknown"


def visitor_of(request: Request, hops: int) -> Visitor:
    """Return who asks.

    Args:
        request: the call.
        hops: how many proxies before us are ours. Each adds the address that it was called from to
            the end of X-Forwarded-For, so that the browser's is the one so many from the end; what
            stands before it, anybody may have written.
    """
    told = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
    passed = [part.strip() for part in told if part.strip()]
    if hops > 0 and passed:
        address = passed[-hops] if len(passed) >= hops else passed[0]
    else:
        address = request.remote_addr or ""
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
    return Visitor(agent, _plain(address))


def _plain(text: str) -> str:
    """Return an address as it is counted: of IPv6 the network, all of which is one customer's."""
    if text.count(":") == 1:  # IPv4 with a port, as some platforms tell it: each call has another
        text = text.partition(":")[0]
    try:
        found = ip_address(text.removeprefix("[").partition("]")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
