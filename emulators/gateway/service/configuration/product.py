"""Secrets of the product's own: they lie apart, and only its own functions may name them."""

from pathlib import Path

from emulators.gateway.errors import Invalid

FOLDER = "product"


def owns(data: Path, kind: str, name: str) -> bool:
    """Tell whether a secret of that name is the product's, in every namespace.

    Args:
        data: The gateway's folder.
        kind: ``secrets`` (Kubernetes's) or ``openfaas-secrets``.
        name: The secret's.
    """
    return (data / FOLDER / kind / name).exists()


def refusal(name: str) -> Invalid:
    """Return what a user hears who names such a secret, or makes one of that name."""
    return Invalid(
        f"secret {name!r} is for Mayfly's own functions alone",
        "create one of another name for yours",
    )
