"""`./mayfly train`."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from infra.local.calling.names import check_columns, found
from infra.local.commands.data import training
from infra.local.commands.data.reading import JsonObject
from infra.local.commands.signed import Caller, Json, signed

TASKS = ("binary", "multiclass", "regression")
BUDGETS = ("fast", "balanced", "thorough")
# Options that are fields of what is asked, under the same name.
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "model": {"help": "The model to give a version to; default: the dataset's name."},
    "positive": {"help": "Of two classes, the one whose probability matters; default: the rarer."},
    "task": {"type": click.Choice(TASKS), "help": "Default: what the target's values suggest."},
    "measure": {"help": "What decides, such as roc_auc, f1, rmse; default: the task's."},
    "budget": {"type": click.Choice(BUDGETS), "help": "About 15 s, 60 s, 10 minutes."},
    "seconds": {"type": click.FloatRange(1, 86_400), "help": "To search, instead of --budget."},
    "trials": {"type": click.IntRange(1, 1000), "help": "Candidates to try at most."},
    "holdout": {"type": click.FloatRange(0.05, 0.5), "help": "Share of rows held out; 0.2."},
    "folds": {"type": click.IntRange(2, 20), "help": "Of the cross-validation; 5."},
    "seed": {"type": click.IntRange(0), "help": "Makes splits and algorithms repeatable; 0."},
}


def _fields(command: Callable[..., None]) -> Callable[..., None]:
    for name, options in reversed(list(FIELDS.items())):
        command = click.option(f"--{name}", **options)(command)
    return command


@click.command()
@click.argument("dataset")
@click.option("--target", required=True, help="The column to predict.")
@_fields
@click.option("--algorithm", "algorithms", multiple=True, help="That may be tried; several.")
@click.option("--column", "columns", multiple=True, help="That may be used; several.")
@click.option("--group", help="Keep rows of one value of this column on one side of each split.")
@click.option("--time", "moment", help="Hold out the latest rows by this column.")
@click.option("--new-line", is_flag=True, help="Let it take and answer otherwise than before.")
@click.option(
    "--more", type=JsonObject(), help="Further fields, as the function training has them."
)
@click.option("--wait", is_flag=True, help="Return once it has ended; 1 is no success.")
@signed
def command(
    *,
    caller: Caller,
    dataset: str,
    target: str,
    algorithms: tuple[str, ...],
    columns: tuple[str, ...],
    group: str | None,
    moment: str | None,
    new_line: bool,
    more: Json | None,
    wait: bool,
    **fields: Any,
) -> None:
    """Train a model on a dataset: candidates are tried, the best becomes a version.

    The first version of a model serves at once, later ones once they are promoted. Ctrl-C ends the
    waiting, not the training.

    \b
    Examples:
      ./mayfly train titanic --target survived --wait
      ./mayfly train prices --target price --budget balanced --measure mae
      ./mayfly train visits --target returned --group patient --algorithm lightgbm
      ./mayfly train titanic --target survived --more '{"goal": {"best": "f1"}}'
    """
    if group and moment:
        raise click.UsageError("--group and --time are two ways to split: give one of them.")
    there = found(caller.client, "dataset", dataset)
    names = [column["name"] for column in there["columns"]]
    said = (target, *columns, *filter(None, (group, moment)))
    check_columns(said, names, f"Dataset {dataset!r}")
    body: Json = {"dataset": dataset, "target": target}
    body |= {name: value for name, value in fields.items() if value is not None}
    body |= {"algorithms": list(algorithms)} if algorithms else {}
    body |= {"columns": list(columns)} if columns else {}
    if group or moment:
        body["split"] = {"by": "group" if group else "time", "column": group or moment}
    body |= {"new_line": True} if new_line else {}
    job = caller.client.call("POST", training.FUNCTION, "/jobs", json=body | (more or {}))
    if wait:
        job = training.watched(caller, job["id"])
    caller.tell(job, *training.lines_of(job))
