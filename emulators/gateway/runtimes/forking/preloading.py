"""Imports that a parent of replicas makes ahead."""

import importlib


def preload(names: list[str]) -> tuple[list[str], list[str]]:
    """Import modules by name.

    Returns:
        The names imported, and those skipped with the reason.
    """
    imported, missing = [], []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
        else:
            imported.append(name)
    return imported, missing
