"""How many replicas, and which revision gets how many calls: from text to what is asked."""

from collections.abc import Mapping, Sequence

from web.client.errors import Flaw, Invalid
from web.client.plane_schemas import Share
from web.forms.fields import parse_version

WHOLE = 100
SHARE = "share."
"""A field's name begins so; a revision's name follows."""


def parse_count(form: Mapping[str, str], name: str) -> int | None:
    """Return a whole number, None for an empty field; raises Invalid, whose flaw names it."""
    text = form.get(name, "").strip()
    count = parse_version(text) if text else None
    if text and count is None:
        flaw = Flaw(f"'{text[:30]}' is no whole number such as 2", column=name)
        raise Invalid("Nothing was changed.", [flaw])
    return count


def parse_replicas(form: Mapping[str, str]) -> int:
    """Return how many replicas there are to be now."""
    count = parse_count(form, "replicas")
    if count is None:
        flaw = Flaw("needs a whole number such as 2", column="replicas")
        raise Invalid("Nothing was changed.", [flaw])
    return count


def parse_bounds(form: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return the least and the most replicas that there may be; None leaves it to the platform."""
    least, most = parse_count(form, "least"), parse_count(form, "most")
    if least is not None and most and least > most:
        flaw = Flaw(f"is more than the most, {most}", column="least")
        raise Invalid("Nothing was changed.", [flaw])
    return least, most


def parse_split(form: Mapping[str, str], newest: str, current: Sequence[Share]) -> list[Share]:
    """Return the shares that a form gives revisions; tags that are there keep their addresses.

    Args:
        form: a field for each revision; `follows` where later deploys take the newest's share.
        newest: the newest revision.
        current: the shares as they are wanted now.

    Raises:
        Invalid: a field is no whole number, or they do not make 100 together.
    """
    names = [name.removeprefix(SHARE) for name in form if name.startswith(SHARE)]
    percents = {name: parse_count(form, SHARE + name) or 0 for name in names}
    whole = sum(percents.values())
    if whole != WHOLE:
        raise Invalid(f"The shares make {whole} % together; they must make 100 %.")
    follows = bool(form.get("follows"))
    return [
        *(
            _share(name, percent, newest=name == newest and follows)
            for name, percent in percents.items()
            if percent
        ),
        *tagged(current),
    ]


def all_to(revision: str, newest: str, current: Sequence[Share]) -> list[Share]:
    """Return the shares by which one revision gets all calls; the newest, later ones, too."""
    return [_share(revision, WHOLE, newest=revision == newest), *tagged(current)]


def tagged(current: Sequence[Share]) -> list[Share]:
    """Return what keeps the addresses of tags, which need no share of the calls."""
    return [Share(one.revision_name, one.latest_revision, 0, one.tag) for one in current if one.tag]


def _share(revision: str, percent: int, *, newest: bool) -> Share:
    return Share("" if newest else revision, newest, percent)
