"""The written tasks of `docs/tasks/`: each with a mouse, by keyboard alone, and by commands."""

import time

import pytest

from tests.e2e.tasks import scripts
from tests.e2e.tasks.players import players_of

WAYS = {"mouse": "ByHand", "keyboard": "ByHand", "shell": "ByCommand"}
THREE_MINUTES = 180


def test_there_are_tasks():
    assert len(scripts.names()) >= 4


@pytest.mark.parametrize("task", scripts.names())
def test_each_step_is_played_and_nothing_else(task):
    wanted = {step.method for step in scripts.steps(task)}
    assert len(wanted) >= 4
    for player in ("ByHand", "ByCommand"):
        assert scripts.methods(getattr(players_of(task), player)) == wanted


@pytest.mark.parametrize("task", scripts.names())
def test_each_step_says_what_is_pressed_and_what_is_called(task):
    steps = scripts.steps(task)
    assert all(step.commands for step in steps)
    assert len([step for step in steps if step.buttons]) >= len(steps) - 1


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("task", scripts.names())
def test_a_task_is_done(task, way, request, desk, stack):
    module = players_of(task)
    player = getattr(module, WAYS[way])(desk, request.getfixturevalue(way))
    began = time.monotonic()
    scripts.play(task, player)
    assert time.monotonic() - began < THREE_MINUTES
