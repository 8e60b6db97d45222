"""No log of predictions: nobody is told of them."""

from functions.prediction.service.ports import Made


class NoLog:
    """A PredictionLog that keeps nothing."""

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        """See PredictionLog."""
