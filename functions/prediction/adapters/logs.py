"""The log that the settings want, and what is told of calls on their way to it."""

import atexit
from typing import TYPE_CHECKING

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.lazy import Lazy
from functions.prediction.adapters.config import LogSettings
from functions.prediction.adapters.no_log import NoLog
from functions.prediction.adapters.told_log import ToldLog
from functions.prediction.service.ports import PredictionLog
from functions.prediction.service.serving import Serving, Standing

if TYPE_CHECKING:
    from functions.prediction.adapters import serving_calls
else:  # nothing is told before the first answers are out
    serving_calls = Lazy("functions.prediction.adapters.serving_calls")


def prediction_log(settings: Settings, own: LogSettings, standing: Standing) -> PredictionLog:
    """Return what takes predictions; what is left is put aside when the process ends.

    On their way the registry is told which versions are held (`standing`), and were called.
    """
    addresses = FunctionAddresses.from_env()
    log: PredictionLog = ToldLog(settings, own, addresses) if own.on else NoLog()
    if not settings.activity:
        return log
    calls = Once(lambda: serving_calls.ServingCalls(settings, addresses))
    serving = Serving(log, lambda told: calls().tell(told), standing)
    atexit.register(serving.close)
    return serving
