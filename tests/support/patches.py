"""Watch what is called."""

from typing import Any

import pytest


def counted(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> list[Any]:
    """Return what a function was called with, as it goes on being called."""
    genuine, calls = getattr(where, name), list[Any]()

    def call(*given: Any, **more: Any) -> Any:
        calls.append(given)
        return genuine(*given, **more)

    monkeypatch.setattr(where, name, call)
    return calls
