"""All trials of a replica: what they count, what they leave for later, and who is made ready."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.traffic import Traffic
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
        self._warming = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warm")
        self._warming_of: dict[str, Future[None]] = {}

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

    def is_warm(self, traffic: str, trial: Trial, within: float) -> bool:
        """Make a trial's versions ready, shadows last; tell whether those that answer are in time.

        A version that cannot be made ready counts as one that is: the trial knows.

        Args:
            traffic: its id.
            trial: it.
            within: seconds.
        """
        warming = self._warming_of.get(traffic)
        if warming is None:
            warming = self._warming.submit(trial.warm, shadows=False)
            self._warming.submit(trial.warm, shadows=True)
            waiting = {one: it for one, it in self._warming_of.items() if not it.done()}
            self._warming_of = {**waiting, traffic: warming}
        is_warm = not wait([warming], within).not_done
        if is_warm:
            self._warming_of.pop(traffic, None)
        return is_warm
