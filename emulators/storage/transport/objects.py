"""The calls of objects, but for those that move bytes."""

from collections.abc import Callable, Mapping

from emulators.storage.model import access, encryption, fields
from emulators.storage.model.errors import InvalidError
from emulators.storage.model.listing import MOST, Listing
from emulators.storage.model.records import Bucket, Fields, Version
from emulators.storage.service.listing import Lists
from emulators.storage.service.objects import Objects
from emulators.storage.transport.call import Call
from emulators.storage.transport.http.messages import Response
from emulators.storage.transport.media import Media
from emulators.storage.transport.resources import answer, nothing, object_of
from emulators.storage.transport.routes import Handler

Merge = Callable[[Fields, Fields], Fields]


class ObjectCalls:
    """Answers them.

    Args:
        objects: The service.
        lists: Pages of objects.
        media: Downloads.
    """

    def __init__(self, objects: Objects, lists: Lists, media: Media) -> None:
        self._objects = objects
        self._lists = lists
        self._media = media

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by route."""
        return {
            "GET b/{bucket}/o": self.list,
            "GET b/{bucket}/o/{object}": self.get,
            "PATCH b/{bucket}/o/{object}": self.patch,
            "PUT b/{bucket}/o/{object}": self.update,
            "DELETE b/{bucket}/o/{object}": self.delete,
            "POST b/{bucket}/o/{object}/restore": self.restore,
        }

    def list(self, call: Call) -> Response:
        """Answer with a page."""
        name, query = call.names["bucket"], call.query
        page = self._lists.page(name, _listing(call))
        bucket = self._objects.bucket(name)
        items = [object_of(one, bucket, call.base, full=call.is_full()) for one in page.versions]
        found: Fields = {"kind": "storage#objects"}
        if items:
            found["items"] = items
        if page.prefixes or query.get("delimiter"):
            found["prefixes"] = page.prefixes
        if page.token:
            found["nextPageToken"] = page.token
        return answer(found)

    def get(self, call: Call) -> Response:
        """Answer with a resource, or with its bytes."""
        if call.query.get("alt") == "media" or call.request.path.startswith("/download/"):
            return self._media.download(call.request, call.address, call.preconditions)
        found = self._objects.get(call.address, call.preconditions, soft=call.asks("softDeleted"))
        if not encryption.read_key(call.request.headers):
            found = encryption.without_checksums(found)
        return self._shown(call, found)

    def patch(self, call: Call) -> Response:
        """Merge a change in."""
        return self._change(call, fields.patched)

    def update(self, call: Call) -> Response:
        """Replace all that can be."""
        return self._change(
            call, lambda before, given: fields.replaced(before, given, fields.OBJECT)
        )

    def delete(self, call: Call) -> Response:
        """Delete a generation."""
        self._objects.delete(call.address, call.preconditions)
        return nothing()

    def restore(self, call: Call) -> Response:
        """Make a live object of one that was deleted softly."""
        if call.address.generation is None:
            raise InvalidError("Required parameter: generation.")
        return self._shown(call, self._objects.restore(call.address, call.preconditions))

    def _change(self, call: Call, merge: Merge) -> Response:
        given = fields.check(call.body(), fields.OBJECT)
        bucket = self._objects.bucket(call.names["bucket"])
        given = with_access(call, given, bucket)
        changed = self._objects.change(
            call.address, call.preconditions, lambda before: merge(before, given)
        )
        return self._shown(call, changed, bucket)

    def _shown(self, call: Call, version: Version, bucket: Bucket | None = None) -> Response:
        known = bucket or self._objects.bucket(version.bucket)
        return answer(object_of(version, known, call.base, full=call.is_full()))


def with_access(
    call: Call, given: Fields, bucket: Bucket, parameter: str = "predefinedAcl"
) -> Fields:
    """Return an object's fields with the ACL that a body, or a name for one, asks for.

    Raises:
        InvalidError: It is none, or the bucket has uniform access.
        PreconditionFailedError: The bucket prevents it.
    """
    if parameter in call.query:
        entries = access.predefined(call.query[parameter])
    elif given.get("acl"):
        entries = access.checked(given["acl"])
    else:
        return given
    access.check_allowed(bucket, entries)
    return {**given, "acl": entries}


def kms_field(name: str | None, bucket: Bucket) -> Fields:
    """Return what an object's fields say of the key service's key that it was told to have."""
    told = name or bucket.setting("encryption", "defaultKmsKeyName")
    return {"kmsKeyName": f"{told}/cryptoKeyVersions/1"} if told else {}


def _listing(call: Call) -> Listing:
    query = call.query
    return Listing(
        query.get("prefix", ""),
        query.get("delimiter", ""),
        query.get("startOffset", ""),
        query.get("endOffset", ""),
        query.get("matchGlob", ""),
        call.asks("includeTrailingDelimiter"),
        "deleted" if call.asks("softDeleted") else "all" if call.asks("versions") else "live",
        call.most(MOST),
        query.get("pageToken", ""),
    )
