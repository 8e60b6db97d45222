"""What a notebook is told: plain JSON beside it, and what of it nobody is to read left out."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.records.columns import Column
from functions.kit.contract.records.profile import (
    ColumnProfile,
    Profile,
    ProfileWarning,
    WarningKind,
)
from functions.reports.model import evaluation
from functions.reports.model.jobs import Job
from functions.reports.model.windows import Window

TARGET = "target"
_QUOTING: dict[WarningKind, str] = {
    "constant": "'{}' has the same value in every row.",
    "near_constant": "'{}' has the same value in nearly every row.",
    "spelling": "'{}' has words that differ by case or spaces alone.",
    "tiny_class": "Some classes of '{}' have few rows.",
}
"""Warnings that quote values in their sentence, and what is said in place of it."""


class Dataset(msgspec.Struct):
    """What a report says of a dataset."""

    id: str
    name: str
    state: str
    rows: int
    revision: int
    columns: list[Column]
    created_at: dt.datetime
    updated_at: dt.datetime


class DatasetFacts(msgspec.Struct):
    """All that the notebook of a dataset is told, beside some of its rows."""

    made_at: dt.datetime
    dataset: Dataset
    profile: Profile


class ModelFacts(msgspec.Struct):
    """All that the notebook of a model is told.

    Attributes:
        aliases: that name the version.
        job: the training that made it, as its callers see it; None where that is not known.
        windows: what was measured since, oldest first; None where that is not known.
    """

    made_at: dt.datetime
    aliases: list[str]
    version: Version
    job: Job | None
    windows: list[Window] | None


def of_dataset(dataset: Dataset, profile: Profile, now: dt.datetime) -> DatasetFacts:
    """Return the facts of a dataset, without the values of sensitive columns."""
    hidden = {one.name for one in dataset.columns if one.sensitive}
    columns = [_counted(one) if one.name in hidden else one for one in profile.columns]
    warnings = [_wordless(one) if hidden & set(one.columns) else one for one in profile.warnings]
    shown = msgspec.structs.replace(profile, columns=columns, warnings=warnings)
    columns_of = [_without_values(one) if one.sensitive else one for one in dataset.columns]
    return DatasetFacts(now, msgspec.structs.replace(dataset, columns=columns_of), shown)


def of_model(
    model: Model, version: Version, job: Job | None, windows: list[Window] | None, now: dt.datetime
) -> ModelFacts:
    """Return the facts of a version of a model."""
    aliases = sorted(name for name, one in model.aliases.items() if one == version.version)
    return ModelFacts(now, aliases, _without_rows(version), job, windows)


def target_of(columns: Sequence[Column]) -> str | None:
    """Return the column that is to be predicted, if the dataset says so."""
    return next((one.name for one in columns if one.role == TARGET), None)


def _counted(one: ColumnProfile) -> ColumnProfile:
    """Return how many values a column has, and nothing that they are."""
    return ColumnProfile(one.name, one.kind, one.missing, one.unique, target=one.target)


def _wordless(one: ProfileWarning) -> ProfileWarning:
    """Return a warning without what a sensitive column's values are."""
    told = _QUOTING.get(one.kind)
    detail = one.detail if told is None else told.format(one.columns[0])
    return msgspec.structs.replace(one, detail=detail, values=[])


def _without_values(one: Column) -> Column:
    return msgspec.structs.replace(one, levels=None, suggested=None, minimum=None, maximum=None)


def _without_rows(version: Version) -> Version:
    """Return a version without single rows, and without what sensitive columns hold."""
    hidden = {one.name for one in version.signature.columns if one.sensitive}
    told = evaluation.shown(version.evaluation)
    for name in ("dependence", "slices"):
        if name in told:
            told[name] = [one for one in told[name] if one.column not in hidden]
    signature = msgspec.structs.replace(
        version.signature,
        columns=[
            _without_values(one) if one.sensitive else one for one in version.signature.columns
        ],
        features=[
            msgspec.structs.replace(one, levels=None) if one.column in hidden else one
            for one in version.signature.features
        ],
    )
    return msgspec.structs.replace(version, evaluation=told, signature=signature, card=None)
