"""What the kinds of step do, under one roof: it is imported when there is a step to do."""

from functions.training.service.work.candidate import CandidateWork
from functions.training.service.work.finish import FinishWork
from functions.training.service.work.start import StartWork
from functions.training.service.work.tidy import TidyWork


class StepWork(StartWork, CandidateWork, FinishWork, TidyWork):
    """Does one step; each method returns the job as it is then."""
