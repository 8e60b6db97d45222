"""The calls that make objects of others."""

from collections.abc import Mapping
from typing import Any

from emulators.storage.model import encryption, fields
from emulators.storage.model.errors import InvalidError
from emulators.storage.model.names import check_object
from emulators.storage.model.preconditions import NONE, Preconditions, number
from emulators.storage.model.records import Address, Fields, Version
from emulators.storage.model.rewriting import read_limit
from emulators.storage.service.copying import Copying, Source
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.transport.call import Call
from emulators.storage.transport.http.messages import Response
from emulators.storage.transport.objects import kms_field, with_access
from emulators.storage.transport.resources import answer, object_of
from emulators.storage.transport.routes import Handler

_TO = "b/{toBucket}/o/{toObject}"


class CopyCalls:
    """Answers them.

    Args:
        objects: The objects.
        copying: Makes them of others.
    """

    def __init__(self, objects: Objects, copying: Copying) -> None:
        self._objects = objects
        self._copying = copying

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by route."""
        return {
            f"POST b/{{bucket}}/o/{{object}}/copyTo/{_TO}": self.copy,
            f"POST b/{{bucket}}/o/{{object}}/rewriteTo/{_TO}": self.rewrite,
            "POST b/{bucket}/o/{object}/moveTo/o/{toObject}": self.move,
            "POST b/{bucket}/o/{object}/compose": self.compose,
        }

    def copy(self, call: Call) -> Response:
        """Copy an object."""
        return self._shown(call, self._copying.copy(_source(call), self._draft(call)))

    def rewrite(self, call: Call) -> Response:
        """Copy an object, in as many calls as are asked for."""
        limit = read_limit(number(call.query, "maxBytesRewrittenPerCall"))
        token = call.query.get("rewriteToken", "")
        found = self._copying.rewrite(_source(call), self._draft(call), token, limit)
        told: dict[str, Any] = {
            "kind": "storage#rewriteResponse",
            "totalBytesRewritten": str(found.done),
            "objectSize": str(found.size),
            "done": found.version is not None,
        }
        if found.version is None:
            return answer({**told, "rewriteToken": found.token})
        return answer({**told, "resource": self._resource(call, found.version)})

    def move(self, call: Call) -> Response:
        """Give an object another name in its bucket."""
        return self._shown(call, self._copying.move(_source(call), self._draft(call)))

    def compose(self, call: Call) -> Response:
        """Make an object of several."""
        body = call.body()
        listed = body.get("sourceObjects")
        if not isinstance(listed, list):
            raise InvalidError("You must provide at least one source component.")
        sources = [_component(call.names["bucket"], one) for one in listed]
        resource = body.get("destination") or {}
        given = fields.check(resource if isinstance(resource, dict) else {}, fields.OBJECT)
        where = Address(call.names["bucket"], check_object(call.names["object"]))
        draft = self._drafted(call, where, given)
        return self._shown(call, self._copying.compose(sources, draft))

    def _draft(self, call: Call) -> Draft:
        where = Address(
            call.names.get("toBucket", call.names["bucket"]), check_object(call.names["toObject"])
        )
        return self._drafted(call, where, fields.check(call.body(), fields.OBJECT))

    def _drafted(self, call: Call, where: Address, given: Fields) -> Draft:
        bucket = self._objects.bucket(where.bucket)
        whole = with_access(call, given, bucket, "destinationPredefinedAcl")
        whole |= encryption.field(encryption.read_key(call.request.headers))
        whole |= kms_field(call.query.get("destinationKmsKeyName"), bucket)
        return Draft(where, whole, call.preconditions)

    def _shown(self, call: Call, version: Version) -> Response:
        return answer(self._resource(call, version))

    def _resource(self, call: Call, version: Version) -> Fields:
        bucket = self._objects.bucket(version.bucket)
        return object_of(version, bucket, call.base, full=call.is_full())


def _source(call: Call) -> Source:
    generation = number(call.query, "sourceGeneration")
    where = Address(call.names["bucket"], call.names["object"], generation)
    key = encryption.read_key(call.request.headers, encryption.SOURCE)
    return Source(where, call.source_preconditions, key)


def _component(bucket: str, listed: Any) -> Source:
    one = listed if isinstance(listed, dict) else {}
    told = one.get("objectPreconditions")
    texts = {name: str(value) for name, value in (told if isinstance(told, dict) else {}).items()}
    wanted = number(texts, "ifGenerationMatch")
    expected = NONE if wanted is None else Preconditions(generation=wanted)
    which = {"generation": str(one["generation"])} if one.get("generation") is not None else {}
    return Source(
        Address(bucket, check_object(one.get("name")), number(which, "generation")), expected
    )
