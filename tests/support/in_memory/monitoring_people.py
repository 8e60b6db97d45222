"""Who calls the function `monitoring` in tests."""

from typing import Any

from functions.kit.contract.access.identity import RIGHTS, Caller, Identity, Subject

SECRET = "step secret"


def _who(name: str, workspace: str, **more: Any) -> Identity:
    more.setdefault("rights", RIGHTS["editor"])
    caller = Caller(name=name, kind="key", workspace=workspace, account=name, **more)
    return Identity(callers={workspace: caller}, home=workspace)


PEOPLE = {
    "ann": _who("ann", "w"),
    "vera": _who("vera", "w", rights=RIGHTS["viewer"]),
    "reads": _who("reads", "w", rights=frozenset(("read",))),
    "eve": _who("eve", "v"),
    "one": _who("one", "w", only=Subject("model", "titanic")),
    "other": _who("other", "w", only=Subject("model", "iris")),
}
