"""Has trials follow what was predicted."""

from functions.prediction.service.ports import Made, PredictionLog


class FollowedLog:
    """A PredictionLog that has trials follow what was predicted.

    Args:
        log: is told first, and of shadows later.
    """

    def __init__(self, log: PredictionLog) -> None:
        self._log = log

    def take(self, made: Made) -> None:
        """See PredictionLog."""
        self._log.take(made)
        if made.chosen.trial is not None:
            made.chosen.trial.follow(made, self._log)
