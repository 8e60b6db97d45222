"""The calls of access control lists and policies."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from emulators.storage.model import access, policies
from emulators.storage.model.errors import NotFoundError
from emulators.storage.model.preconditions import NONE
from emulators.storage.model.records import Bucket, Fields
from emulators.storage.service.buckets import Buckets
from emulators.storage.service.objects import Objects
from emulators.storage.transport.call import Call
from emulators.storage.transport.http.messages import Response
from emulators.storage.transport.resources import answer, nothing
from emulators.storage.transport.routes import Handler

_KINDS = {
    "acl": "storage#bucketAccessControls",
    "defaultObjectAcl": "storage#objectAccessControls",
    "o/{object}/acl": "storage#objectAccessControls",
}
Edit = Callable[[access.Entries], access.Entries]


class AccessCalls:
    """Answers them.

    Args:
        buckets: The buckets.
        objects: The objects.
    """

    def __init__(self, buckets: Buckets, objects: Objects) -> None:
        self._buckets = buckets
        self._objects = objects

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by route."""
        found: dict[str, Handler] = {
            "GET b/{bucket}/iam": self.policy,
            "PUT b/{bucket}/iam": self.set_policy,
            "GET b/{bucket}/iam/testPermissions": self.permissions,
            "GET projects/{project}/serviceAccount": self.service_account,
        }
        for path in _KINDS:
            found.update(_Lists(self._buckets, self._objects, path).table())
        return found

    def policy(self, call: Call) -> Response:
        """Answer with a bucket's policy."""
        return answer(policies.shown(self._buckets.get(call.names["bucket"])))

    def set_policy(self, call: Call) -> Response:
        """Replace it."""
        name, body = call.names["bucket"], call.body()

        def edit(before: Fields) -> Fields:
            return {**before, policies.FIELD: policies.checked(body, Bucket(name, 0, before))}

        return answer(policies.shown(self._buckets.change(name, NONE, edit)))

    def permissions(self, call: Call) -> Response:
        """Answer that everybody may do everything."""
        self._buckets.get(call.names["bucket"])
        asked = parse_qs(call.request.raw_query).get("permissions", [])
        kind = "storage#testIamPermissionsResponse"
        return answer({"kind": kind, "permissions": asked})

    def service_account(self, call: Call) -> Response:
        """Answer with the name that a project's storage goes by."""
        domain = "gs-project-accounts.iam.gserviceaccount.com"
        email = f"{call.names['project']}@{domain}"
        return answer({"kind": "storage#serviceAccount", "email_address": email})


class _Lists:
    """The calls of one kind of list."""

    def __init__(self, buckets: Buckets, objects: Objects, path: str) -> None:
        self._buckets = buckets
        self._objects = objects
        self._path = path

    def table(self) -> Mapping[str, Handler]:
        path = f"b/{{bucket}}/{self._path}"
        return {
            f"GET {path}": self.list,
            f"POST {path}": self.put,
            f"GET {path}/{{entity}}": self.get,
            f"PUT {path}/{{entity}}": self.put,
            f"PATCH {path}/{{entity}}": self.put,
            f"DELETE {path}/{{entity}}": self.delete,
        }

    def list(self, call: Call) -> Response:
        return answer({"kind": _KINDS[self._path], "items": self._entries(call)})

    def get(self, call: Call) -> Response:
        return answer(self._entry(call, call.names["entity"]))

    def put(self, call: Call) -> Response:
        body = call.body()
        entity = call.names.get("entity") or body.get("entity")
        (entry,) = access.checked([{**body, "entity": entity}])

        def edit(before: access.Entries) -> access.Entries:
            return [*(one for one in before if one["entity"] != entry["entity"]), entry]

        self._change(call, edit)
        return answer(self._entry(call, entry["entity"]))

    def delete(self, call: Call) -> Response:
        entity = call.names["entity"]
        self._entry(call, entity)
        self._change(call, lambda before: [one for one in before if one["entity"] != entity])
        return nothing()

    def _entry(self, call: Call, entity: str) -> Fields:
        found = [one for one in self._entries(call) if one["entity"] == entity]
        if not found:
            raise NotFoundError(f"There is no ACL entry for {entity[:100]!r}.")
        return found[0]

    def _entries(self, call: Call) -> access.Entries:
        bucket = self._buckets.get(call.names["bucket"])
        access.check_allowed(bucket, [])
        if "object" in call.names:
            return access.object_entries(self._objects.get(call.address))
        if self._path == "acl":
            return access.bucket_entries(bucket)
        return access.default_entries(bucket)

    def _change(self, call: Call, edit: Edit) -> None:
        bucket = self._buckets.get(call.names["bucket"])
        field = "acl" if "object" in call.names else self._path

        def edited(before: Fields) -> Fields:
            kept = before.get(field)
            after = edit(access.initial() if kept is None else kept)
            access.check_allowed(bucket, after)
            return {**before, field: after}

        if "object" in call.names:
            self._objects.change(call.address, NONE, edited)
        else:
            self._buckets.change(bucket.name, NONE, edited)
