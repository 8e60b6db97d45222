"""The sample data that comes with Mayfly."""

from dataclasses import dataclass
from pathlib import Path

_ABOUT = {
    "titanic": ("Titanic", "Who survived? 1,309 passengers with class, sex, age and fare."),
    "heart": ("Heart disease", "Who is ill? 303 patients with fourteen measurements each."),
}


@dataclass(frozen=True)
class Sample:
    """A CSV file that one click loads."""

    name: str
    title: str
    about: str
    path: Path


def samples(folder: Path) -> list[Sample]:
    """Return the samples that lie in `folder`."""
    found = (
        Sample(name, title, about, folder / f"{name}.csv")
        for name, (title, about) in _ABOUT.items()
    )
    return [sample for sample in found if sample.path.is_file()]
