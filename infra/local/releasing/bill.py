"""What Mayfly is made of, as a bill of materials: CycloneDX 1.6, JSON.

It depends on the lock files alone: who makes it twice gets the same bytes.
"""

import base64
import uuid
from collections.abc import Iterable

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infra.local.releasing.packages import Package

_NAMESPACE = uuid.NAMESPACE_URL


def bill(version: str, packages: Iterable[Package]) -> str:
    """Return the bill of a version of Mayfly, made of some packages."""
    whole = Component(
        name="mayfly",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="mayfly",
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    held = [(package, _component(package)) for package in packages]
    by_name: dict[tuple[str, str], list[Component]] = {}
    for package, component in held:
        by_name.setdefault((package.registry, package.name), []).append(component)
    found = Bom(components=[component for _, component in held])
    found.metadata.component = whole
    found.metadata.timestamp = None  # type: ignore[assignment]  # the day says nothing of the bytes
    found.register_dependency(whole, [component for _, component in held])
    for package, component in held:
        needs = [one for name in package.needs for one in by_name.get((package.registry, name), ())]
        found.register_dependency(component, needs)
    refs = sorted(str(component.bom_ref) for _, component in held)
    found.serial_number = uuid.uuid5(_NAMESPACE, "\n".join([version, *refs]))
    return str(JsonV1Dot6(found).output_as_string(indent=2)) + "\n"


def _component(package: Package) -> Component:
    namespace, _, name = package.name.rpartition("/")  # npm has scopes: @types/geojson
    place = PackageURL(package.registry, namespace or None, name, package.version)
    return Component(
        name=name,
        group=namespace or None,
        version=package.version,
        type=ComponentType.LIBRARY,
        purl=place,
        bom_ref=place.to_string(),
        licenses=[LicenseFactory().make_from_string(package.licence)] if package.licence else [],
        hashes=[_hash(package.integrity)] if package.integrity else [],
    )


def _hash(integrity: str) -> HashType:
    _, _, encoded = integrity.partition("sha512-")
    return HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(encoded).hex())
