"""What callers say of when they want their answers (RFC 7240)."""

HEADER = "Prefer"
FIELD = "HTTP_PREFER"
"""The same, by its name in WSGI."""
APPLIED = "Preference-Applied"
RESPOND_ASYNC = "respond-async"


def is_async(said: str) -> bool:
    """Tell whether a Prefer header asks for an answer that comes later."""
    names = (one.partition(";")[0].partition("=")[0] for one in said.split(","))
    return any(name.strip().lower() == RESPOND_ASYNC for name in names)
