"""Carries a plan out: programs and logins first, so that nothing is built in vain."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from infra.local.errors import LocalError
from infra.local.settings import ROOT
from infra.local.targets.plan import Login, Need, Plan, Step

CHECK_SECONDS = 60


def run(plan: Plan, tell: Callable[[str], None]) -> None:
    """Carry a plan out, each command's output where this process's goes.

    Args:
        plan: what is to be done.
        tell: is given a line before each step.

    Raises:
        LocalError: a program or a login is missing, or a step failed; what came before it stays.
    """
    for need in plan.needs:
        _check_program(need)
    for login in plan.logins:
        _check_login(login)
    for number, step in enumerate(plan.steps, start=1):
        tell(f"[{number}/{len(plan.steps)}] {step.said}")
        with _beside(step.beside):
            _run(step)


def missing(plan: Plan) -> Iterator[LocalError]:
    """Yield which programs there are not, for who only looks."""
    for need in plan.needs:
        try:
            _check_program(need)
        except LocalError as error:
            yield error


def _check_program(need: Need) -> None:
    if shutil.which(need.program) is None:
        raise LocalError(f"There is no {need.program} here.", need.remedy)


def _check_login(login: Login) -> None:
    try:
        done = subprocess.run(
            login.words, capture_output=True, text=True, check=False, timeout=CHECK_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise LocalError(
            f"{login.failure} (no answer in {CHECK_SECONDS} s).", login.remedy
        ) from error
    if done.returncode or not done.stdout.strip():
        lines = done.stderr.strip().splitlines()
        said = [line for line in lines if not line.startswith("WARNING")]
        reason = f" ({said[-1][:200]})" if said else ""
        raise LocalError(f"{login.failure}{reason}.", login.remedy)


def _run(step: Step) -> None:
    done = subprocess.run(step.words, cwd=ROOT, env={**os.environ, **step.environment}, check=False)
    if done.returncode:
        raise LocalError(
            f"{step.said} failed with status {done.returncode}: {step}",
            "Mend that, and deploy again: what is done already is left as it is.",
        )


@contextmanager
def _beside(words: tuple[str, ...]) -> Iterator[None]:
    """Keep a command running for the block, from the first line that it says on."""
    if not words:
        yield
        return
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise LocalError(f"{' '.join(words)} ended with status {process.wait()}.")
            yield
        finally:
            process.terminate()
