"""A watch: the rules of a model and how each stands, in one document.

So an evaluation is one read, and one transaction where something turned.
"""

import datetime as dt

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import not_found
from functions.monitoring.model.alerts.rules import Rule
from functions.monitoring.model.alerts.states import RuleState


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What is watched of a model.

    Attributes:
        uid: of the model; another one by the same name is watched by the same rules, anew.
        rules: by id.
        states: of those rules that were evaluated, by id.
        next_at: when it is to be evaluated at the latest; None for when there are predictions.
    """

    workspace: str = MAIN
    model: str
    uid: str = ""
    rules: dict[str, Rule] = {}
    states: dict[str, RuleState] = {}
    next_at: dt.datetime | None = None
    created_at: dt.datetime

    @property
    def id(self) -> str:
        """Its name in its workspace: the model's."""
        return self.model

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.model)

    def state(self, rule: str) -> RuleState:
        """Return how a rule stands."""
        return self.states.get(rule, RuleState())

    def rule(self, ident: str) -> Rule:
        """Return a rule; raises NotFound."""
        found = self.rules.get(ident)
        if found is None:
            raise not_found("rule", ident, self.model)
        return found

    def with_state(self, rule: str, state: RuleState) -> "Watch":
        """Return it with a rule's state."""
        return replace(self, states={**self.states, rule: state})


def new(place: Place, now: dt.datetime) -> Watch:
    """Return the watch of a model that has no rules yet."""
    return Watch(workspace=place.workspace, model=place.name, created_at=now)
