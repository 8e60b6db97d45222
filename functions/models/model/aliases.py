"""What may happen to a model: each function takes it as it is and returns it as it shall be."""

import datetime as dt
from typing import Any, Literal

import msgspec

from functions.kit.contract.errors import Conflict, DomainError, Flaw, Invalid, not_found
from functions.kit.contract.models.registration import CHAMPION, Model
from functions.kit.contract.models.signature import Task
from functions.kit.contract.models.traffic import Traffic
from functions.kit.contract.requests.names import check_name

# An alias can be rolled back this many times in a row.
REMEMBERED = 100

Action = Literal[
    "register",
    "promote",
    "roll back",
    "remove alias",
    "delete version",
    "restore version",
    "delete model",
    "restore model",
    "edit",
    "edit version",
    "set traffic",
    "end traffic",
]


class Change(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of a model's history: who did what, when, and what the alias named before.

    `by` is what the account, the key or the function is called; `account`, whose it was. `edited`
    has the tags and the note as they became; `because`, what a promotion's comparison said, or what
    bound was broken; `reason`, what its author gave as one. `traffic` is how the alias's calls are
    shared out from then on, and empty when that ended: by a line of its own, or with a promotion, a
    rollback, or the alias.
    """

    action: Action
    by: str
    account: str = ""
    at: dt.datetime
    alias: str | None = None
    before: int | None = msgspec.field(name="from", default=None)
    after: int | None = msgspec.field(name="to", default=None)
    edited: dict[str, Any] | None = None
    because: str | None = None
    reason: str = ""
    traffic: dict[str, Any] | None = None


Changed = tuple[Model, Change]


class Act(msgspec.Struct, frozen=True):
    """Who acts, for which account, when, and why, if that was said."""

    by: str
    account: str
    at: dt.datetime
    reason: str = ""

    def line(self, action: Action, **more: Any) -> Change:
        """Return the line of history for it."""
        who: dict[str, Any] = {
            "by": self.by,
            "account": self.account,
            "at": self.at,
            "reason": self.reason,
        }
        return Change(action=action, **who, **more)


def check_alias(name: str) -> None:
    """Refuse an alias that is no name, or that could be mistaken for a version number."""
    check_name("alias", name)
    if name.isdecimal():
        raise Invalid(
            f"'{name}' cannot be a name: it would read like a version number.",
            Flaw("Expected at least one letter", column="alias", value=name),
        )


def start(name: str, uid: str, task: Task, target: str, act: Act) -> Model:
    """Return a model without versions, of the account that acts."""
    return Model(
        name=name,
        uid=uid,
        task=task,
        target=target,
        owner=act.account,
        latest=0,
        aliases={},
        revision=0,
        created_at=act.at,
        updated_at=act.at,
    )


def add_version(
    model: Model, task: Task, target: str, act: Act, *, new_line: bool = False
) -> Changed:
    """Give out the next version number; the first version becomes the champion.

    Raises:
        Conflict: when the model predicts something else, and no new line is begun: its callers
            would break.
    """
    if not new_line:
        _check_same(model, task, target)
    number = model.latest + 1
    aliases = {CHAMPION: 1} if number == 1 else model.aliases
    change = act.line("register", after=number)
    fields = {"latest": number, "aliases": aliases, "task": task, "target": target}
    return changed(model, act, **fields), change


def _check_same(model: Model, task: Task, target: str) -> None:
    if model.target not in {"", target}:
        raise Conflict(
            f"Model '{model.name}' predicts '{model.target}', this version '{target}': "
            "register it under another name."
        )
    if task != model.task:
        raise Conflict(
            f"Model '{model.name}' is for {model.task}, this version for {task}: "
            "register it under another name."
        )


def promote(
    model: Model, alias: str, version: int, act: Act, because: str | None = None
) -> Changed | None:
    """Let `alias` name `version`, and all its calls go there; None when it does already.

    Raises:
        NotFound: when there is no such version.
    """
    if not model.has(version):
        raise no_version(model.name, version)
    before = model.aliases.get(alias)
    if before == version:
        return None
    names = model.previous.get(alias, [])
    names = [*names, before][-REMEMBERED:] if before is not None else names
    traffic, ended = _without_traffic(model, alias)
    change = act.line(
        "promote", alias=alias, before=before, after=version, because=because, traffic=ended
    )
    aliases = {**model.aliases, alias: version}
    previous = {**model.previous, alias: names}
    return changed(model, act, aliases=aliases, previous=previous, traffic=traffic), change


def roll_back(model: Model, alias: str, act: Act) -> Changed:
    """Let `alias` name what it named before; repeated, it goes back further.

    Raises:
        NotFound: when there is no such alias.
        Conflict: when it named nothing before.
    """
    now = aliased(model, alias)
    names = model.previous.get(alias, [])
    if not names:
        raise Conflict(f"Alias '{alias}' of '{model.name}' has never named another version.")
    traffic, ended = _without_traffic(model, alias)
    change = act.line("roll back", alias=alias, before=now, after=names[-1], traffic=ended)
    aliases = {**model.aliases, alias: names[-1]}
    previous = {**model.previous, alias: names[:-1]}
    return changed(model, act, aliases=aliases, previous=previous, traffic=traffic), change


def remove_alias(model: Model, alias: str, act: Act) -> Changed:
    """Forget `alias`; raises NotFound when there is none."""
    now = aliased(model, alias)
    traffic, ended = _without_traffic(model, alias)
    change = act.line("remove alias", alias=alias, before=now, traffic=ended)
    aliases = {name: version for name, version in model.aliases.items() if name != alias}
    previous = {name: names for name, names in model.previous.items() if name != alias}
    return changed(model, act, aliases=aliases, previous=previous, traffic=traffic), change


def delete_version(model: Model, version: int, act: Act) -> Changed:
    """Take `version` away; no rollback leads to it any more.

    Raises:
        NotFound: when there is none.
        Conflict: while an alias names it, or sends it calls.
    """
    if not model.has(version):
        raise no_version(model.name, version)
    names = sorted(alias for alias, one in model.traffic.items() if one.has(version))
    if names and version not in model.aliases.values():
        raise Conflict(
            f"Version {version} of '{model.name}' has traffic of {', '.join(names)}: "
            "end the traffic first, or share it out among others."
        )
    names = sorted(alias for alias, named in model.aliases.items() if named == version)
    if names:
        raise Conflict(
            f"Version {version} of '{model.name}' is what {', '.join(names)} names: "
            "promote another version first, or remove the alias."
        )
    previous = {
        alias: _without(version, model.aliases[alias], before)
        for alias, before in model.previous.items()
    }
    change = act.line("delete version", before=version)
    deleted = [*model.deleted, version]
    return changed(model, act, deleted=deleted, previous=previous), change


def restore_version(model: Model, version: int, act: Act) -> Changed:
    """Have a version back that was taken away; raises Conflict when it was not."""
    if version not in model.deleted:
        raise Conflict(f"Version {version} of '{model.name}' is there: nothing is to be restored.")
    deleted = [number for number in model.deleted if number != version]
    return changed(model, act, deleted=deleted), act.line("restore version", after=version)


def delete_model(model: Model, act: Act) -> Changed:
    """Take a model away; it is kept for a while."""
    return changed(model, act), act.line("delete model")


def restore_model(model: Model, act: Act) -> Changed:
    """Have a model back that was taken away."""
    return changed(model, act), act.line("restore model")


def aliased(model: Model, alias: str) -> int:
    """Return the version that `alias` names; raises NotFound."""
    if alias not in model.aliases:
        raise not_found("alias", alias, of=model.name)
    return model.aliases[alias]


def no_version(model: str, version: int) -> DomainError:
    """Return the error for a version that is not there."""
    return not_found("version", str(version), of=model)


def _without_traffic(model: Model, alias: str) -> tuple[dict[str, Traffic], dict[str, Any] | None]:
    """Return a model's traffic but an alias's, and what the history says if that ends."""
    others = {name: one for name, one in model.traffic.items() if name != alias}
    return others, {} if alias in model.traffic else None


def _without(version: int, now: int, names: list[int]) -> list[int]:
    """Return what an alias named before, but `version`, and no step that changes nothing."""
    kept: list[int] = []
    for name in names:
        if name != version and (not kept or kept[-1] != name):
            kept.append(name)
    return kept[:-1] if kept and kept[-1] == now else kept


def changed(model: Model, act: Act, **fields: object) -> Model:
    """Return a model of the next revision, with other fields."""
    revision = model.revision + 1
    return msgspec.structs.replace(model, **fields, revision=revision, updated_at=act.at)
