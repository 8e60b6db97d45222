"""Volumes of a revision, and where its replicas find them."""

from typing import Literal

import msgspec


class Item(msgspec.Struct, frozen=True):
    """One key of a config map or secret as a file.

    Attributes:
        path: Below the volume's folder.
        mode: Of the file; None for the volume's.
    """

    key: str
    path: str
    mode: int | None = None


class Source(msgspec.Struct, frozen=True):
    """A config map or secret whose keys are files of a volume.

    Attributes:
        items: The keys; none for all, each under its own name.
        optional: Whether it, or one of its keys, may be missing.
    """

    kind: Literal["configmap", "secret"]
    name: str
    items: tuple[Item, ...] = ()
    optional: bool = False


class Volume(msgspec.Struct, frozen=True):
    """A folder: with files from sources, or an empty one that a replica may write to.

    Attributes:
        empty: Whether it begins empty, and is the replica's own to write to.
        mode: Of files whose item says none.
    """

    name: str
    sources: tuple[Source, ...] = ()
    empty: bool = False
    mode: int = 0o644


class Mount(msgspec.Struct, frozen=True):
    """Where replicas find a volume.

    Attributes:
        path: Absolute.
        sub_path: What of the volume is there; empty for all.
        read_only: What has sources is so anyway.
    """

    volume: str
    path: str
    sub_path: str = ""
    read_only: bool = False
