"""The services of alerts, put together."""

from typing import NamedTuple, Protocol

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.ports import Clock
from functions.kit.contract.steps import Lease
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.model.alerts.due import evaluate_step
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.alerts.acting import Acting
from functions.monitoring.service.alerts.alerts import AlertService
from functions.monitoring.service.alerts.channel_tests import ChannelTests
from functions.monitoring.service.alerts.channels import ChannelService
from functions.monitoring.service.alerts.evaluation import Evaluation
from functions.monitoring.service.alerts.rules import RuleService
from functions.monitoring.service.alerts.sending import Sending


class EvaluationSteps:
    """Evaluates rules as a step, for when there are no predictions to do it after.

    Args:
        evaluation: does it.
        runner: takes steps.
        lookout: is asked for more after each: one look of a schedule finds 50 steps at most.
    """

    def __init__(self, evaluation: Evaluation, runner: StepRunner, lookout: Lookout) -> None:
        self._evaluation = evaluation
        self._runner = runner
        self._lookout = lookout

    def evaluate(self, model: Place) -> None:
        """Evaluate a model's rules; raises Away: the step stays due."""

        def work(_: Lease) -> bool:
            self._evaluation.evaluate(model)
            return False

        self._runner.run(evaluate_step(model), work)
        self._lookout.look()


class Sums(Protocol):
    """Sums what came into windows."""

    def run(self, of: Monitored) -> None:
        """Sum what is to be summed of a version."""


class AfterSums:
    """Sums, and has the rules evaluated that go by what was summed.

    Args:
        summing: sums.
        evaluation: evaluates.
    """

    def __init__(self, summing: Sums, evaluation: Evaluation) -> None:
        self._summing = summing
        self._evaluation = evaluation

    def run(self, of: Monitored) -> None:
        """See Sums; an evaluation that fails is made up for later, and fails no sum."""
        self._summing.run(of)
        self._evaluation.after([of.model])


class AlertServices(NamedTuple):
    """Keeps rules and channels, evaluates, tells, acts."""

    rules: RuleService
    channels: ChannelService
    channel_tests: ChannelTests
    alerts: AlertService
    evaluation: Evaluation
    steps: EvaluationSteps
    sending: Sending
    acting: Acting
    lookout: Lookout
    clock: Clock
