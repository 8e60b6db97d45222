"""Buckets and objects as the JSON API shows them."""

import json
from typing import Any
from urllib.parse import quote

from emulators.storage.model import access, holds, times
from emulators.storage.model.records import Bucket, Fields, Version
from emulators.storage.transport.errors import JSON_TYPE
from emulators.storage.transport.http.messages import Response

API = "/storage/v1"
# What is kept of an object, and not shown.
_HIDDEN = frozenset(("acl", "eventBasedHoldReleased"))
_HIDDEN_OF_BUCKET = frozenset(("acl", "defaultObjectAcl", "iamPolicy"))


def answer(resource: Fields, status: int = 200) -> Response:
    """Return a resource as an answer."""
    headers = {"Content-Type": JSON_TYPE, "Cache-Control": "no-cache, no-store, max-age=0"}
    if "etag" in resource:
        headers["ETag"] = resource["etag"]
    return Response(status, headers, json.dumps(resource).encode())


def nothing() -> Response:
    """Return the answer to what has no resource."""
    return Response(204)


def bucket_of(bucket: Bucket, base: str, *, full: bool = False) -> Fields:
    """Return a bucket's resource.

    Args:
        bucket: The bucket.
        base: The address that the caller knows the emulator by, without a slash at its end.
        full: Whether its ACLs are shown.
    """
    shown = {name: value for name, value in bucket.fields.items() if name not in _HIDDEN_OF_BUCKET}
    if full and not bucket.has_uniform_access:
        shown["acl"] = access.bucket_entries(bucket)
        shown["defaultObjectAcl"] = access.default_entries(bucket)
    return {
        "kind": "storage#bucket",
        "id": bucket.name,
        "name": bucket.name,
        "selfLink": f"{base}{API}/b/{bucket.name}",
        "metageneration": str(bucket.metageneration),
        "etag": bucket.etag,
        **shown,
    }


def object_of(version: Version, bucket: Bucket, base: str, *, full: bool = False) -> Fields:
    """Return an object's resource; for the arguments see `bucket_of`."""
    path = f"b/{version.bucket}/o/{quote(version.name, safe='')}"
    shown: dict[str, Any] = {
        "kind": "storage#object",
        "id": f"{version.bucket}/{version.name}/{version.generation}",
        "selfLink": f"{base}{API}/{path}",
        "mediaLink": f"{base}/download/storage/v1/{path}?generation={version.generation}&alt=media",
        "name": version.name,
        "bucket": version.bucket,
        "generation": str(version.generation),
        "metageneration": str(version.metageneration),
        "etag": version.etag,
        **{name: value for name, value in version.fields.items() if name not in _HIDDEN},
    }
    until = holds.expiration(version, bucket)
    if until is not None:
        shown["retentionExpirationTime"] = times.text(until)
    if full and not bucket.has_uniform_access:
        shown["acl"] = access.object_entries(version)
        shown["owner"] = {"entity": access.OWNER}
    return shown
