"""The log that the settings want."""

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.prediction.adapters.config import LogSettings
from functions.prediction.adapters.no_log import NoLog
from functions.prediction.adapters.told_log import ToldLog
from functions.prediction.service.ports import PredictionLog


def prediction_log(settings: Settings, own: LogSettings) -> PredictionLog:
    """Return what takes predictions; what is left is put aside when the process ends."""
    return ToldLog(settings, own, FunctionAddresses.from_env()) if own.on else NoLog()
