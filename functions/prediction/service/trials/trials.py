"""All trials of a replica: what they count, and what they leave for later."""

from collections.abc import Callable, Mapping
from functools import partial

from functions.kit.contract.traffic import Traffic
from functions.kit.contract.workspaces import Place
from functions.prediction.service.ports import Predictor, Target
from functions.prediction.service.trials.counts import Key, Tell, TrialCounts
from functions.prediction.service.trials.later import Later
from functions.prediction.service.trials.trial import Trial, Versions


class Trials:
    """Makes trials.

    Args:
        tell: tells the registry what came of them.
    """

    def __init__(self, tell: Tell) -> None:
        self.counts = TrialCounts(tell)
        self._later = Later()

    def trial(
        self,
        model: Place,
        alias: str,
        traffic: Traffic,
        targets: Mapping[int, Target],
        ready: Callable[[Target], Predictor],
    ) -> Trial:
        """Return the trial of a model's alias; what it counts is added to what was, by its id."""
        count = partial(self.counts.add, Key(model, alias, traffic.id))
        return Trial(alias, traffic, Versions(targets, ready), count, self._later.do)
