"""What the API offers, as clients ask before they do anything (pure)."""

from collections.abc import Iterable
from typing import Any

from emulators.gateway.apis.kubernetes.resources import Resource

# The Kubernetes version whose conventions are kept; clients warn when theirs is far from it.
VERSION = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.0+mayfly",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}


def versions() -> dict[str, Any]:
    """Return ``/api``: versions of the core group."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def groups(resources: Iterable[Resource]) -> dict[str, Any]:
    """Return ``/apis``: every group but the core one."""
    listed = list(resources)
    found = [_group(name, listed) for name in dict.fromkeys(r.group for r in listed if r.group)]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(name: str, resources: Iterable[Resource]) -> dict[str, Any]:
    """Return ``/apis/GROUP``."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, resources)}


def listing(api_version: str, resources: Iterable[Resource]) -> dict[str, Any]:
    """Return ``/apis/GROUP/VERSION`` or ``/api/v1``: the resources of one version."""
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": [_entry(r) for r in resources if r.api_version == api_version],
    }


def _group(name: str, resources: Iterable[Resource]) -> dict[str, Any]:
    """Return a group with its versions, of which the first is the current one."""
    versions = dict.fromkeys(r.version for r in resources if r.group == name)
    served = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": served, "preferredVersion": served[0]}


def _entry(resource: Resource) -> dict[str, Any]:
    entry = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
        "shortNames": list(resource.short_names),
        "categories": list(resource.categories),
    }
    return {key: value for key, value in entry.items() if value != []}
