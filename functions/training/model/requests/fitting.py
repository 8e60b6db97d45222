"""What of a request cannot be, given the dataset's columns: all of it at once, each thing named."""

from collections.abc import Iterator, Mapping, Sequence

from functions.kit.contract.errors import Flaw
from functions.kit.contract.measures.names import DIRECTIONS
from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column
from functions.training.model.requests.spec import FeatureRecipe, TrainingSpec

NUMBERS = frozenset({"number", "integer", "boolean"})
TEXTS = frozenset({"text", "category"})
# What each way of making a feature can be made of, and of how many columns; None: of any kind.
MAKES: Mapping[str, tuple[frozenset[str] | None, int]] = {
    "ratio": (NUMBERS, 2),
    "difference": (NUMBERS | {"datetime", "date"}, 2),
    "sum": (NUMBERS, 2),
    "bucket": (NUMBERS, 1),
    "pattern": (TEXTS, 1),
    "length": (TEXTS, 1),
    "is_missing": (None, 1),
}
# A regression's target is of these kinds; a boolean or a word is a class.
QUANTITIES = frozenset({"number", "integer"})


def flaws(spec: TrainingSpec, columns: Sequence[Column]) -> list[Flaw]:
    """Return everything in `spec` that names what is not there, or is of the wrong kind."""
    known = {one.name: one for one in columns}
    return [
        *_of_measure(spec, known),
        *_of_goal(spec, known),
        *_of_split(spec, known),
        *_of_roles(spec, known),
        *_of_weights(spec, known),
        *(flaw for place, one in enumerate(spec.recipes) for flaw in _of_recipe(place, one, known)),
    ]


def _is_of_classes(spec: TrainingSpec, known: Mapping[str, Column]) -> bool | None:
    """Tell whether the target is of classes; None: only the data can tell."""
    if spec.task is not None:
        return spec.task != "regression"
    target = known.get(spec.target)
    return None if target is None or target.kind in QUANTITIES else True


def _of_measure(spec: TrainingSpec, known: Mapping[str, Column]) -> Iterator[Flaw]:
    if spec.measure is None:
        return
    names = sorted({name for task in _tasks(spec, known) for name in DIRECTIONS[task]})
    if spec.measure not in names:
        reason = f"no measure that can decide here; there are {', '.join(names)}"
        yield Flaw(reason, column="measure", value=spec.measure)


def _tasks(spec: TrainingSpec, known: Mapping[str, Column]) -> list[Task]:
    if spec.task is not None:
        return [spec.task]
    return ["binary", "multiclass"] if _is_of_classes(spec, known) else list(DIRECTIONS)


def _of_goal(spec: TrainingSpec, known: Mapping[str, Column]) -> Iterator[Flaw]:
    goal = spec.goal
    if goal is None:
        return
    target = known.get(spec.target)
    levels = target.levels if target is not None else None
    many = levels is not None and len(levels) > 2
    if spec.task in {"multiclass", "regression"} or many:
        yield Flaw(f"a goal needs two classes, and '{spec.target}' has others", column="goal")


def _of_split(spec: TrainingSpec, known: Mapping[str, Column]) -> Iterator[Flaw]:
    split = spec.split
    if split.by == "record":
        return
    if split.column is not None:
        yield from _unknown("split.column", split.column, spec, known)
        return
    roles = {name: column.role for name, column in known.items()} | spec.roles
    found = [name for name, role in roles.items() if role == split.by and name in known]
    if len(found) != 1:
        reason = f"'split' is by {split.by}, and {len(found)} columns have that role; name one"
        yield Flaw(reason, column="split.column")


def _of_roles(spec: TrainingSpec, known: Mapping[str, Column]) -> Iterator[Flaw]:
    for name, role in spec.roles.items():
        if name not in known:
            yield Flaw(f"there is no column '{name}'", column=f"roles.{name[:100]}")
        elif role == "weight" and known[name].kind not in QUANTITIES:
            reason = f"'{name}' is of kind {known[name].kind}; a weight is a number"
            yield Flaw(reason, column=f"roles.{name[:100]}")
        elif name == spec.target and role != "target":
            yield Flaw(f"'{name}' is the target", column=f"roles.{name[:100]}")


def _of_weights(spec: TrainingSpec, known: Mapping[str, Column]) -> Iterator[Flaw]:
    if spec.class_weight is not None and _is_of_classes(spec, known) is False:
        yield Flaw("a regression has no classes to weigh", column="class_weight")


def _of_recipe(place: int, recipe: FeatureRecipe, known: Mapping[str, Column]) -> Iterator[Flaw]:
    where = f"recipes[{place}]"
    kinds, count = MAKES[recipe.make]
    if len(recipe.of) != count:
        reason = f"{recipe.make} is made of {count} column{'s' if count > 1 else ''}"
        yield Flaw(reason, column=f"{where}.of")
    for name in recipe.of:
        if name not in known:
            yield Flaw(f"there is no column '{name}'", column=f"{where}.of", value=name[:100])
        elif kinds is not None and known[name].kind not in kinds:
            reason = f"'{name}' is of kind {known[name].kind}; {recipe.make} takes {_names(kinds)}"
            yield Flaw(reason, column=f"{where}.of", value=name[:100])
    rising = bool(recipe.edges) and recipe.edges == sorted(set(recipe.edges))
    if recipe.make == "bucket" and not rising:
        yield Flaw("the edges of a bucket rise, and there is one at least", column=f"{where}.edges")


def _names(kinds: frozenset[str]) -> str:
    return ", ".join(sorted(kinds))


def _unknown(
    where: str, name: str, spec: TrainingSpec, known: Mapping[str, Column]
) -> Iterator[Flaw]:
    if name not in known:
        yield Flaw(f"there is no column '{name}'", column=where, value=name[:100])
    elif name == spec.target:
        yield Flaw(f"'{name}' is the target", column=where, value=name[:100])
