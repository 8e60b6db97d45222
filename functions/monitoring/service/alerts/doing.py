"""What each act does, and how it is taken back: through the functions whose things they are.

Before an act changes anything, what it finds is noted; so an act that is begun again by another
process goes on, and does nothing twice.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Invalid, Stale, not_found
from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.traffic import Traffic
from functions.kit.contract.requests.names import is_name
from functions.monitoring.model.alerts import acts
from functions.monitoring.model.alerts.acts import ActRun, Promote, Retrain, Rollback, Switch
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.service.alerts.ports import OtherFunctions, Registered

FIRST_LOOK, LAST_LOOK = dt.timedelta(seconds=2), dt.timedelta(seconds=15)
"""How long after one look at a training the next one is: at first, and after a minute."""
LOOKS = 4
"""Of what an alert is old, the part that passes between two looks, within these."""
ENDED_BADLY = frozenset(("failed", "cancelled"))

Note = Callable[[dict[str, Any]], ActRun]
"""Notes what an act found, before it changes anything; returns the act as it is kept."""


class Doing(NamedTuple):
    """An act that is being done.

    Attributes:
        alert: whose it is.
        place: of the act among the alert's.
        run: the act as it is kept.
        note: see Note.
        now: the time.
    """

    alert: Alert
    place: int
    run: ActRun
    note: Note
    now: dt.datetime

    @property
    def model(self) -> Place:
        """Whose things are changed."""
        return Place(self.alert.workspace, self.alert.model)

    @property
    def cause(self) -> str:
        """What calls of other functions name as their cause."""
        return cause_of(self.alert, self.place)


def cause_of(alert: Alert, place: int) -> str:
    """Return the name of an act, by which activity tells why something was called."""
    return f"alert-{alert.id}-act-{place}"


class Acts:
    """Does acts, and takes them back.

    Args:
        functions: what changes models, and trains.
        registered: the models.
    """

    def __init__(self, functions: OtherFunctions, registered: Registered) -> None:
        self._functions = functions
        self._registered = registered

    def do(self, doing: Doing) -> ActRun:
        """Get on with an act; return how it is then. Raises DomainError."""
        match doing.run.act:
            case Retrain() as act:
                return self._retrain(doing, act)
            case Promote() as act:
                return self._promote(doing, act)
            case Rollback() as act:
                return self._roll_back(doing, act)
            case Switch() as act:
                return self._switch(doing, act)

    def undo(self, doing: Doing) -> str:
        """Take an act back; return what came of that, in words.

        Raises:
            Conflict: it changed nothing, or somebody has changed the same since.
            DomainError: what the functions say.
        """
        run = doing.run
        is_under_way = isinstance(run.act, Retrain) and run.state == "running"
        if run.state != "done" and not is_under_way:
            raise Conflict(f"This act is {run.state}: there is nothing to take back.")
        match run.act:
            case Retrain():
                return self._undo_training(doing)
            case Promote() | Rollback() as act:
                return self._undo_alias(doing, act.alias)
            case Switch() as act:
                return self._undo_switch(doing, act)

    def _retrain(self, doing: Doing, act: Retrain) -> ActRun:
        run, now = doing.run, doing.now
        workspace, known = doing.alert.workspace, run.after.get("job")
        if known is None:
            if run.state == "waiting":
                version = _named(self._functions.model(doing.model), act.alias)
                found: dict[str, Any] = {"version": version, "job": self._origin(doing, version)}
                run = doing.note(found)
            known = self._functions.train_again(workspace, run.before["job"], doing.cause)
            return acts.waits(run, {"job": known}, f"training job {known}", _next_look(doing))
        job = self._functions.job(workspace, known)
        if job.state in ENDED_BADLY:
            why = f": {job.failure}" if job.failure else ""
            return acts.ended(run, "failed", f"training job {known} {job.state}{why}", now)
        if job.state != "succeeded":
            return acts.waits(run, run.after, run.said, _next_look(doing))
        after = {"job": known, "version": job.version}
        return acts.ended(run, "done", f"version {job.version} came of job {known}", now, after)

    def _origin(self, doing: Doing, version: int) -> str:
        """Return the job that made a version; others who register say there what they like."""
        made = self._registered.version(doing.model, version)
        if made is None:
            raise not_found("version", str(version), doing.model.name)
        if is_name(made.job):
            job = self._functions.job(doing.model.workspace, made.job)
            if (job.model, job.version) == (doing.model.name, version):
                return made.job
        raise Invalid(
            f"Version {version} of '{doing.model.name}' was not trained here, so it cannot be "
            "trained again: let the alias name one that was."
        )

    def _promote(self, doing: Doing, act: Promote) -> ActRun:
        run, model = doing.run, self._functions.model(doing.model)
        named = _named(model, act.alias)
        if run.state == "waiting":
            version = _trained(doing) or max(model.versions, default=named)
            if version == named:
                said = f"'{act.alias}' names the newest version, {named}, already"
                return acts.ended(run, "declined", said, doing.now)
            run = doing.note({"version": named, "to": version})
        to, why = run.before["to"], ""
        if named != to:
            wanted = {"than": act.alias, "measure": act.measure, "margin": act.margin}
            parts = doing.model, act.alias, to, doing.cause
            try:
                why = self._functions.promote(*parts, if_better=wanted)
            except Conflict as error:
                return acts.ended(run, "declined", error.detail, doing.now)
        return _moved(run, act.alias, to, doing.now, why)

    def _roll_back(self, doing: Doing, act: Rollback) -> ActRun:
        run, model = doing.run, self._functions.model(doing.model)
        if run.state == "waiting":
            earlier = model.previous.get(act.alias)
            if not earlier:
                said = f"'{act.alias}' named nothing before"
                return acts.ended(run, "declined", said, doing.now)
            found = {"version": _named(model, act.alias), "to": earlier[-1]}
            run = doing.note({**found, "revision": model.revision})
        to, revision = run.before["to"], run.before["revision"]
        if model.aliases.get(act.alias) != to:
            try:
                self._functions.roll_back(doing.model, act.alias, revision, doing.cause)
            except Stale as error:
                return acts.ended(run, "failed", error.detail, doing.now)
        return _moved(run, act.alias, to, doing.now)

    def _switch(self, doing: Doing, act: Switch) -> ActRun:
        run, model = doing.run, self._functions.model(doing.model)
        wanted = {"shares": act.shares, "reason": run.cause[:500]} if act.shares else {}
        found = model.traffic.get(act.alias)
        if run.state == "waiting":
            if not wanted and found is None:
                said = f"all calls of '{act.alias}' go to one version already"
                return acts.ended(run, "declined", said, doing.now)
            before = {"traffic": as_wanted(found), "revision": model.revision}
            run = doing.note(before)
        if shares_of(found) != act.shares:
            parts = doing.model, act.alias, wanted, run.before["revision"], doing.cause
            try:
                self._functions.share_out(*parts)
            except Stale as error:
                return acts.ended(run, "failed", error.detail, doing.now)
        told = ", ".join(f"{share} % to {version}" for version, share in act.shares.items())
        said = f"calls of '{act.alias}': {told or 'all to the version that it names'}"
        return acts.ended(run, "done", said, doing.now, {"shares": act.shares})

    def _undo_training(self, doing: Doing) -> str:
        run, workspace = doing.run, doing.alert.workspace
        if run.state == "running":
            job = run.after.get("job")
            if job is None:
                raise Conflict("The training is just being begun; try again in a minute.")
            self._functions.cancel(workspace, job, f"undo-{doing.cause}")
            return f"training job {job} was cancelled"
        version = run.after["version"]
        self._functions.delete_version(doing.model, version, f"undo-{doing.cause}")
        return f"version {version} was taken away"

    def _undo_alias(self, doing: Doing, alias: str) -> str:
        model, run = self._functions.model(doing.model), doing.run
        before, made = run.before["version"], run.after["version"]
        named = model.aliases.get(alias)
        if named not in {before, made}:
            raise Conflict(f"'{alias}' names version {named} by now: it was changed since.")
        if named == made:
            parts = doing.model, alias, before, f"undo-{doing.cause}"
            self._functions.promote(*parts, revision=model.revision)
        return f"'{alias}' names version {before} again"

    def _undo_switch(self, doing: Doing, act: Switch) -> str:
        model, before = self._functions.model(doing.model), doing.run.before["traffic"]
        now = shares_of(model.traffic.get(act.alias))
        if now not in (act.shares, before.get("shares", {})):
            raise Conflict(f"The traffic of '{act.alias}' was changed since.")
        if now == act.shares:
            cause = f"undo-{doing.cause}"
            self._functions.share_out(doing.model, act.alias, before, model.revision, cause)
        return f"the traffic of '{act.alias}' is as it was"


def as_wanted(traffic: Traffic | None) -> dict[str, Any]:
    """Return a traffic as it is asked for; empty where all calls go to one version."""
    if traffic is None:
        return {}
    return {
        "shares": shares_of(traffic),
        "shadows": list(traffic.shadows),
        "bounds": {
            name: getattr(traffic.bounds, name) for name in traffic.bounds.__struct_fields__
        },
        "spread": traffic.spread,
        "reason": traffic.reason,
    }


def shares_of(traffic: Traffic | None) -> dict[str, int]:
    """Return a traffic's shares; empty where all calls go to one version."""
    return {} if traffic is None else {str(one): share for one, share in traffic.shares.items()}


def _next_look(doing: Doing) -> dt.datetime:
    age = doing.now - doing.alert.fired_at
    return doing.now + max(FIRST_LOOK, min(LAST_LOOK, age / LOOKS))


def _named(model: Model, alias: str) -> int:
    found = model.aliases.get(alias)
    if found is None:
        raise Invalid(f"The model '{model.name}' has no alias '{alias}'.")
    return found


def _trained(doing: Doing) -> int | None:
    """Return the version that came of the alert's last training before this act."""
    before = doing.alert.acts[: doing.place]
    found = [one.after.get("version") for one in before if isinstance(one.act, Retrain)]
    return found[-1] if found else None


def _moved(run: ActRun, alias: str, version: int, now: dt.datetime, why: str = "") -> ActRun:
    said = f"'{alias}' names version {version}" + (f". {why}" if why else "")
    return acts.ended(run, "done", said, now, {"version": version})
