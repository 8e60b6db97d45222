"""The calls of buckets."""

from collections.abc import Callable, Mapping

from emulators.storage.model import access, fields
from emulators.storage.model.errors import InvalidError
from emulators.storage.model.preconditions import number
from emulators.storage.model.records import Bucket, Fields
from emulators.storage.service.buckets import Buckets
from emulators.storage.transport.call import Call
from emulators.storage.transport.http.messages import Response
from emulators.storage.transport.resources import answer, bucket_of, nothing
from emulators.storage.transport.routes import Handler

_MOST = 1000
Merge = Callable[[Fields, Fields], Fields]


class BucketCalls:
    """Answers them.

    Args:
        buckets: The service.
    """

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by route."""
        return {
            "GET b": self.list,
            "POST b": self.insert,
            "GET b/{bucket}": self.get,
            "PATCH b/{bucket}": self.patch,
            "PUT b/{bucket}": self.update,
            "DELETE b/{bucket}": self.delete,
            "POST b/{bucket}/lockRetentionPolicy": self.lock,
            "POST b/{bucket}/restore": self.restore,
        }

    def list(self, call: Call) -> Response:
        """Answer with a page."""
        if call.asks("softDeleted"):
            found = self._buckets.deleted()
            items = [bucket_of(one, call.base, full=call.is_full()) for one in found]
            return answer({"kind": "storage#buckets", "items": items})
        token, prefix = call.query.get("pageToken", ""), call.query.get("prefix", "")
        page, following = self._buckets.page(prefix, token, call.most(_MOST))
        items = [bucket_of(one, call.base, full=call.is_full()) for one in page]
        more = {"nextPageToken": following} if following else {}
        return answer({"kind": "storage#buckets", **({"items": items} if items else {}), **more})

    def insert(self, call: Call) -> Response:
        """Make a bucket."""
        body = call.body()
        given = _with_access(call, fields.check(body, fields.BUCKET))
        if call.asks("enableObjectRetention"):
            given["objectRetention"] = {"mode": "Enabled"}
        made = self._buckets.create(body.get("name"), given)
        return self._shown(call, made)

    def get(self, call: Call) -> Response:
        """Answer with a bucket."""
        if call.asks("softDeleted"):
            generation = call.query.get("generation", "")
            return self._shown(call, self._buckets.get_deleted(call.names["bucket"], generation))
        return self._shown(call, self._buckets.get(call.names["bucket"], call.preconditions))

    def patch(self, call: Call) -> Response:
        """Merge a change in."""
        given = fields.check(call.body(), fields.BUCKET)
        return self._change(call, given, fields.patched)

    def update(self, call: Call) -> Response:
        """Replace all that can be."""
        given = fields.check(call.body(), fields.BUCKET)
        return self._change(
            call, given, lambda before, now: fields.replaced(before, now, fields.BUCKET)
        )

    def delete(self, call: Call) -> Response:
        """Delete an empty bucket."""
        self._buckets.delete(call.names["bucket"], call.preconditions)
        return nothing()

    def lock(self, call: Call) -> Response:
        """Let the retention policy only become longer from now on."""
        if number(call.query, "ifMetagenerationMatch") is None:
            raise InvalidError("Required parameter: ifMetagenerationMatch.")

        def locked(before: Fields) -> Fields:
            if "retentionPolicy" not in before:
                raise InvalidError("The bucket has no retention policy to lock.")
            return fields.merged(before, {"retentionPolicy": {"isLocked": True}})

        made = self._buckets.change(call.names["bucket"], call.preconditions, locked)
        return self._shown(call, made)

    def restore(self, call: Call) -> Response:
        """Bring one back that was deleted softly."""
        generation = call.query.get("generation", "")
        return self._shown(call, self._buckets.restore(call.names["bucket"], generation))

    def _change(self, call: Call, given: Fields, merge: Merge) -> Response:
        def edit(before: Fields) -> Fields:
            after = merge(before, _with_access(call, given))
            entries = [*(after.get("acl") or []), *(after.get("defaultObjectAcl") or [])]
            if "acl" in given or "defaultObjectAcl" in given:
                access.check_allowed(Bucket("", 0, before), entries)
            return after

        changed = self._buckets.change(call.names["bucket"], call.preconditions, edit)
        return self._shown(call, changed)

    def _shown(self, call: Call, bucket: Bucket) -> Response:
        return answer(bucket_of(bucket, call.base, full=call.is_full()))


def _with_access(call: Call, given: Fields) -> Fields:
    """Return the fields with the ACLs that a body, or a name for some, asks for."""
    found = dict(given)
    for name, parameter in (
        ("acl", "predefinedAcl"),
        ("defaultObjectAcl", "predefinedDefaultObjectAcl"),
    ):
        if parameter in call.query:
            found[name] = access.predefined(call.query[parameter])
        elif found.get(name) is not None:
            found[name] = access.checked(found[name])
    return found
