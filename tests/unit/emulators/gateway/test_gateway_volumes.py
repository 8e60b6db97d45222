"""Volumes: how they are read, and what is refused."""

from typing import Any

import msgspec
import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.model.volumes import Item, Mount, Source, Volume
from emulators.gateway.specs.knative_objects import TemplateSpec
from emulators.gateway.specs.volumes import mounts_from, volumes_from


def read(volumes: Any, mounts: Any = ()) -> tuple[tuple[Volume, ...], tuple[Mount, ...]]:
    container = {"image": "x", "volumeMounts": list(mounts)}
    spec = msgspec.convert({"containers": [container], "volumes": volumes}, TemplateSpec)
    found = volumes_from(spec)
    return found, mounts_from(spec.containers[0], found)


def test_everything_that_is_said_is_read() -> None:
    items = [{"key": "k", "path": "a/b", "mode": 0o400}, {"key": "l", "path": "l"}]
    volumes, mounts = read(
        [
            {"name": "s", "secret": {"secretName": "keys", "items": items, "defaultMode": 0o600}},
            {"name": "c", "configMap": {"name": "map", "optional": True}},
            {"name": "e", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        ],
        [{"name": "s", "mountPath": "/s/", "subPath": "a", "readOnly": True}],
    )
    kept = (Item("k", "a/b", 0o400), Item("l", "l"))
    assert volumes == (
        Volume("s", (Source("secret", "keys", kept),), mode=0o600),
        Volume("c", (Source("configmap", "map", optional=True),)),
        Volume("e", empty=True),
    )
    assert mounts == (Mount("s", "/s", "a", read_only=True),)


@pytest.mark.parametrize(
    ("volume", "mount", "named"),
    [
        ({"name": "v", "hostPath": {"path": "/"}}, {}, "volume 'v' is of a kind"),
        ({"name": "v", "secret": {"secretName": "../x"}}, {}, "volume 'v'"),
        ({"name": "v", "configMap": {"name": "m", "defaultMode": 512}}, {}, "mode 1000"),
        (
            {"name": "v", "configMap": {"name": "m", "items": [{"key": "k", "path": "../k"}]}},
            {},
            "path '../k'",
        ),
        (
            {"name": "v", "configMap": {"name": "m", "items": [{"key": "../k", "path": "k"}]}},
            {},
            "not a valid key",
        ),
        ({"name": "v", "emptyDir": {}}, {"name": "w"}, "there is no volume 'w'"),
        ({"name": "v", "emptyDir": {}}, {"mountPath": "x"}, "mountPath 'x'"),
        ({"name": "v", "emptyDir": {}}, {"mountPath": "/"}, "mountPath '/'"),
        ({"name": "v", "emptyDir": {}}, {"mountPath": "/a/../b"}, "mountPath '/a/../b'"),
        ({"name": "v", "emptyDir": {}}, {"subPath": "../x"}, "subPath '../x'"),
    ],
)
def test_nonsense_is_refused_by_name(volume: Any, mount: Any, named: str) -> None:
    with pytest.raises(GatewayError) as caught:
        read([volume], [{"name": "v", "mountPath": "/v", **mount}])
    assert named in caught.value.message
    assert caught.value.remedy
