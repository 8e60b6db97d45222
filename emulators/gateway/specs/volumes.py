"""Volumes and their mounts, read into the model."""

from pathlib import PurePosixPath

from emulators.gateway.errors import Invalid
from emulators.gateway.model.volumes import Item, Mount, Source, Volume
from emulators.gateway.specs.knative_objects import (
    Container,
    FilesSpec,
    KeyToPath,
    TemplateSpec,
    VolumeSpec,
)
from emulators.gateway.specs.names import checked_key, checked_secret

_MOST_MODE = 0o777


def volumes_from(spec: TemplateSpec) -> tuple[Volume, ...]:
    """Read the volumes of a template.

    Raises:
        Invalid: Naming the volume, and what is wrong with it.
    """
    return tuple(_volume(volume) for volume in spec.volumes)


def mounts_from(container: Container, volumes: tuple[Volume, ...]) -> tuple[Mount, ...]:
    """Read where a container wants its volumes.

    Raises:
        Invalid: For a volume that there is not, or a place that cannot be one.
    """
    known = {volume.name for volume in volumes}
    mounts = []
    for mount in container.volume_mounts:
        if mount.name not in known:
            raise Invalid(
                f"volumeMounts: there is no volume {mount.name!r}", "name one of spec.volumes"
            )
        path = PurePosixPath(mount.mount_path)
        if not path.is_absolute() or len(path.parts) == 1 or ".." in path.parts:
            raise Invalid(
                f"volumeMounts: mountPath {mount.mount_path!r}", "give an absolute path below /"
            )
        if mount.sub_path:
            _below(mount.sub_path, "volumeMounts: subPath")
        mounts.append(Mount(mount.name, str(path), mount.sub_path, mount.read_only))
    return tuple(mounts)


def _volume(spec: VolumeSpec) -> Volume:
    field = f"volume {spec.name!r}"
    if spec.empty_dir is not None:
        return Volume(spec.name, empty=True)
    if spec.projected is not None:
        parts = [(part.secret, part.config_map) for part in spec.projected.sources]
        mode = spec.projected.default_mode
    else:
        parts = [(spec.secret, spec.config_map)]
        mode = (spec.secret or spec.config_map or FilesSpec()).default_mode
    sources = tuple(_source(field, *part) for part in parts)
    return Volume(spec.name, sources, mode=_mode(field, mode) if mode is not None else 0o644)


def _source(field: str, secret: FilesSpec | None, config_map: FilesSpec | None) -> Source:
    given = secret or config_map
    if given is None:
        raise Invalid(
            f"{field} is of a kind that is not understood here",
            "use secret, configMap, projected of these, or emptyDir",
        )
    name = checked_secret(given.secret_name or given.name, field)
    items = tuple(_item(field, item) for item in given.items)
    return Source("secret" if secret else "configmap", name, items, given.optional)


def _item(field: str, item: KeyToPath) -> Item:
    checked_key(item.key, f"{field}: key")
    _below(item.path, f"{field}: path")
    mode = item.mode
    return Item(item.key, item.path, _mode(field, mode) if mode is not None else None)


def _below(path: str, field: str) -> None:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        raise Invalid(f"{field} {path!r}", "give a relative path without '..'")


def _mode(field: str, mode: int) -> int:
    if not 0 <= mode <= _MOST_MODE:
        raise Invalid(f"{field}: mode {mode:o} is out of range", "give 0 to 0777")
    return mode
