"""What people write beside models and versions: tags to find them by, and a note."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.models.registration import Model, Version
from functions.models.model.aliases import Act, Changed, changed

Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
MOST_TAGS = 50


class Remarks(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be written; what is left out stays."""

    tags: list[Tag] | msgspec.UnsetType = msgspec.UNSET
    note: Annotated[str, msgspec.Meta(max_length=10_000)] | msgspec.UnsetType = msgspec.UNSET

    def fields(self, thing: Model | Version) -> dict[str, Any]:
        """Return those that differ from a thing's; raises Invalid for tags that cannot be."""
        given = {"tags": self.tags, "note": self.note}
        if self.tags is not msgspec.UNSET:
            given["tags"] = _checked(self.tags)
        return {
            name: value
            for name, value in given.items()
            if value is not msgspec.UNSET and value != getattr(thing, name)
        }


def _checked(tags: Sequence[str]) -> list[str]:
    if len(tags) > MOST_TAGS:
        flaw = Flaw(f"Expected {MOST_TAGS} at most", column="tags", value=str(len(tags)))
        raise refused("The tags were refused", flaw, noun="field")
    for tag in tags:
        if tag != tag.strip() or not tag.isprintable():
            flaw = Flaw("Expected printed letters without spaces around", column="tags", value=tag)
            raise refused("The tags were refused", flaw, noun="field")
    return list(dict.fromkeys(tags))


def edit_model(model: Model, remarks: Remarks, act: Act) -> Changed | None:
    """Write remarks beside a model; None where they are there already."""
    fields = remarks.fields(model)
    if not fields:
        return None
    return changed(model, act, **fields), act.line("edit", edited=fields)


def edit_version(
    model: Model, version: Version, remarks: Remarks, act: Act
) -> tuple[Changed, Version] | None:
    """Write remarks beside a version; None where they are there already."""
    fields = remarks.fields(version)
    if not fields:
        return None
    line = act.line("edit version", after=version.version, edited=fields)
    edited = msgspec.structs.replace(version, **fields, edition=version.edition + 1)
    return (changed(model, act), line), edited
