"""A Terraform provider's schema, read out of what was generated of it for the CDK for Terraform.

No registry of providers can be reached from everywhere that tests run, but the packages of the CDK
can: they have, of every resource, each argument's name and type, which are needed, and what it
gives. What is read is JavaScript and its declarations, which one generator writes in one form.
"""

import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
ROOT = "package/lib/"
ID = "id"  # every resource is given one, whatever else is written
TYPES = {"string": "string", "number": "number", "boolean": "bool"}
ENTRY = re.compile(
    r"^ +(?P<name>\w+): \{\n"
    r" +value: (?P<value>.+),\n"
    r" +isBlock: (?P<block>true|false),\n"
    r' +type: "(?P<kind>\w+)",\n'
    r' +storageClassType: "(?P<stored>\w+)",\n',
    re.MULTILINE,
)
STRUCT = re.compile(
    r"^function (\w+)ToHclTerraform\(struct\) \{\n.*?const attrs = \{(?:\n(.*?)^    )?\};",
    re.MULTILINE | re.DOTALL,
)
TOP = re.compile(
    r"^    synthesizeHclAttributes\(\) \{\n        const attrs = \{(?:\n(.*?)^        )?\};",
    re.MULTILINE | re.DOTALL,
)
CLASS = re.compile(r"^class (\w+) extends cdktf\.(\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
GIVEN = re.compile(
    r"// (\w+) - computed: true, optional: false, required: false\n"
    r" +get \w+\(\) \{\n +return (.+);"
)
INTERFACE = re.compile(
    r"^export interface (\w+)(?: extends \S+)? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
PROPERTY = re.compile(r"^ +readonly (\w+)(\??):", re.MULTILINE)
CALLED = re.compile(r"(?:struct\.|this\._)(\w+)")
MAPPED = re.compile(r"\b(\w+)ToHclTerraform\b")
GETTERS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getStringMapAttribute": ["map", "string"],
}


def read(wheel: Path, folders: Iterable[str]) -> dict[str, Schema]:
    """Return the schemas of some folders of a provider's package.

    Args:
        wheel: the package, as it was downloaded.
        folders: such as `pubsub-topic`, `data-google-project`, `provider`.

    Raises:
        KeyError: one of them is not there.
    """
    wanted = set(folders)
    sources = dict.fromkeys(wanted, "")
    with zipfile.ZipFile(wheel) as packed:
        [name] = [one for one in packed.namelist() if one.endswith(".jsii.tgz")]
        with packed.open(name) as stream, tarfile.open(fileobj=stream, mode="r|gz") as inner:
            for member in inner:
                folder = member.name.removeprefix(ROOT).partition("/")[0]
                if folder in wanted and member.name.endswith((".js", ".d.ts")):
                    file = inner.extractfile(member)
                    assert file is not None
                    sources[folder] += file.read().decode()
    if missing := sorted(name for name, text in sources.items() if not text):
        raise KeyError(", ".join(missing))
    return {name: _schema(text) for name, text in sources.items()}


def _schema(text: str) -> Schema:
    """Return one resource: its attributes with their types, and its blocks, all the way down."""
    structs = {name[0].upper() + name[1:]: body for name, body in STRUCT.findall(text)}
    classes = {name: body for name, _, body in CLASS.findall(text)}
    [own] = [
        name
        for name, base, _ in CLASS.findall(text)
        if base in {"TerraformResource", "TerraformDataSource", "TerraformProvider"}
    ]
    interfaces = {name: dict(PROPERTY.findall(body)) for name, body in INTERFACE.findall(text)}
    [top] = TOP.findall(text)
    world = _World(structs, classes, interfaces)
    return world.block(top, f"{own}Config", own)


class _World:
    """All that one resource's source says.

    Args:
        structs: bodies of what writes a block, by its name.
        classes: bodies of classes.
        interfaces: properties of declarations: name → `?` where it may be left out.
    """

    def __init__(
        self,
        structs: Mapping[str, str],
        classes: Mapping[str, str],
        interfaces: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._structs, self._classes, self._interfaces = structs, classes, interfaces

    def block(self, body: str, declared: str, own: str) -> Schema:
        """Return a block: what is written in it, and what it gives besides."""
        attributes: dict[str, Any] = {
            name: {"type": _given(how), "computed": True}
            for name, how in GIVEN.findall(self._classes.get(own, ""))
        }
        blocks: dict[str, Any] = {}
        optional = self._interfaces[declared]
        for entry in ENTRY.finditer(body):
            camel = CALLED.search(entry["value"])
            assert camel is not None, entry["value"]
            needed = optional[camel[1]] == ""
            if entry["block"] == "true":
                blocks[entry["name"]] = self._nested(entry, needed)
            else:
                attributes[entry["name"]] = {
                    "type": _type(entry),
                    "required": needed,
                    "optional": not needed,
                    "computed": entry["name"] == ID and not needed,
                }
        return {"attributes": attributes, "blocks": blocks}

    def _nested(self, entry: re.Match[str], needed: bool) -> Schema:
        name = MAPPED.findall(entry["value"])[0]
        name = name[0].upper() + name[1:]
        inner = self.block(self._structs[name], name, f"{name}OutputReference")
        single = entry["kind"] == "struct"
        many = "listMapperHcl" in entry["value"]
        nesting = "single" if single else entry["kind"]
        return inner | {
            "nesting": nesting,
            "least": int(needed),
            "most": 0 if many or single else 1,
        }


def _type(entry: re.Match[str]) -> Any:
    stored, kind = entry["stored"], entry["kind"]
    for word, found in TYPES.items():
        if stored == word:
            return found
        if stored in {f"{word}List", f"{word}Map"}:
            return [kind, found]
    return "dynamic"


def _given(how: str) -> Any:
    """Return the type of what a getter gives; what is made of parts may be anything."""
    getter = re.match(r"this\.(\w+)\(", how)
    return GETTERS.get(getter[1], "dynamic") if getter else "dynamic"
