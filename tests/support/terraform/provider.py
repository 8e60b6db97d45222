"""Providers that know their schemas and nothing else: what `terraform validate` and `plan` ask.

What a resource would be given by its service is unknown in a plan; a data source gives a number.

Run by the interpreter of an environment that has the package `tf`, for its messages: `python
provider.py FILE`, where FILE has the schemas (`schema.py`) by provider. It prints what
TF_REATTACH_PROVIDERS must be, and ends when its standard input does.
"""

import json
import os
import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

NUMBER = "123456789012"
UNKNOWN = msgpack.ExtType(0, b"\0")
NESTINGS = {
    "single": pb.Schema.NestedBlock.SINGLE,
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
}


class Provider(rpc.ProviderServicer):  # type: ignore[misc]  # it has no types here
    """One provider.

    Args:
        known: `provider`, `resources` and `data`, each with schemas.
    """

    def __init__(self, known: dict[str, Any]) -> None:
        self._known = known

    def GetProviderSchema(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """Tell all schemas."""
        return pb.GetProviderSchema.Response(
            provider=pb.Schema(block=block(self._known["provider"])),
            resource_schemas=_all(self._known["resources"]),
            data_source_schemas=_all(self._known["data"]),
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """Find nothing more: Terraform itself holds a configuration to the schema."""
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """See ValidateProviderConfig."""
        return pb.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """See ValidateProviderConfig."""
        return pb.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """Take any configuration."""
        return pb.ConfigureProvider.Response()

    def ReadDataSource(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """Give a number for each text that is not said."""
        found = msgpack.unpackb(request.config.msgpack)
        for name, one in self._known["data"][request.type_name]["attributes"].items():
            if found[name] is None and one["type"] == "string":
                found[name] = NUMBER
        return pb.ReadDataSource.Response(state=_state(found))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """Plan what is wanted; what its service would give is unknown."""
        found = msgpack.unpackb(request.proposed_new_state.msgpack, ext_hook=msgpack.ExtType)
        for name, one in self._known["resources"][request.type_name]["attributes"].items():
            if found[name] is None and one.get("computed"):
                found[name] = UNKNOWN
        return pb.PlanResourceChange.Response(planned_state=_state(found))

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's
        """Do nothing: whoever started this ends it."""
        return pb.StopProvider.Response()


def _state(found: dict[str, Any]) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(found))


def _all(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: pb.Schema(block=block(one)) for name, one in schemas.items()}


def block(schema: dict[str, Any]) -> Any:
    """Return a block of the wire."""
    attributes = [
        pb.Schema.Attribute(
            name=name,
            type=json.dumps(one["type"]).encode(),
            required=one.get("required", False),
            optional=one.get("optional", False),
            computed=one.get("computed", False),
        )
        for name, one in schema["attributes"].items()
    ]
    nested = [
        pb.Schema.NestedBlock(
            type_name=name,
            block=block(one),
            nesting=NESTINGS[one["nesting"]],
            min_items=one["least"] if one["nesting"] != "single" else 0,
            max_items=one["most"],
        )
        for name, one in schema["blocks"].items()
    ]
    return pb.Schema.Block(attributes=attributes, block_types=nested)


def main() -> None:
    """Serve every provider of the file."""
    servers = []
    found = {}
    for name, known in json.loads(Path(sys.argv[1]).read_text()).items():
        server = grpc.server(futures.ThreadPoolExecutor(4))
        rpc.add_ProviderServicer_to_server(Provider(known), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        found[name] = {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"},
        }
    print(json.dumps(found), flush=True)
    sys.stdin.read()
    for server in servers:
        server.stop(0)


if __name__ == "__main__":
    main()
