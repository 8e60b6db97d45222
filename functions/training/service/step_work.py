"""What the kinds of step do, under one roof: it is imported when there is a step to do."""

from functions.training.service.step_kinds.candidate import CandidateWork
from functions.training.service.step_kinds.finish import FinishWork
from functions.training.service.step_kinds.member import MemberWork
from functions.training.service.step_kinds.start import StartWork
from functions.training.service.step_kinds.tidy import TidyWork


class StepWork(StartWork, CandidateWork, MemberWork, FinishWork, TidyWork):
    """Does one step; each method returns the job as it is then."""
