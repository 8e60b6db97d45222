"""The fields that tell callers of their quota (draft-ietf-httpapi-ratelimit-headers-11)."""

from functools import lru_cache

from functions.kit.contract.access.over_quota import PER_MINUTE, WINDOW, Standing


def fields(standing: Standing | None) -> dict[str, str]:
    """Return the header fields of an answer; none where there is no bound."""
    if standing is None:
        return {}
    return {
        "RateLimit-Policy": _policy(standing.limit),
        "RateLimit": f'"{PER_MINUTE}";r={standing.remaining};t={standing.resets_in}',
    }


@lru_cache
def _policy(limit: int) -> str:
    return f'"{PER_MINUTE}";q={limit};w={WINDOW}'
