"""OpenFaaS stack files: what `faas-cli deploy -f stack.yaml` would send, read as strictly.

Its source: openfaas/faas-cli (commands/deploy.go) and openfaas/go-sdk (stack/).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.deploying import manifests, typed_yaml
from infra.local.deploying.envsubst import BadSubstitution, expand
from infra.local.deploying.typed_yaml import Value
from infra.local.errors import LocalError

PROVIDER = "openfaas"
VERSION = "1.0"
_MARKS = (b"provider:", b"functions:")
_RESOURCES = ("memory", "cpu")


def is_stack(path: Path) -> bool:
    """Tell whether a file is a stack file: it names provider or functions at the left margin."""
    if not path.is_file():
        return False
    return any(line.startswith(_MARKS) for line in path.read_bytes().splitlines())


def requests(file: Path, env: Mapping[str, str] = os.environ) -> list[dict[str, Any]]:
    """Return the deploy requests of a stack file, a function each.

    `${NAME:-default}` anywhere in the file is taken from `env` (`envsubst.expand`). Nothing is
    built: a handler's folder that holds main.py or handler.py runs as it is, any other function by
    its image.
    Files that it names (`environment_file`, templates) are looked for from the current folder, as
    by `faas-cli`.

    Raises:
        LocalError: the file, or an `environment_file` of it, is not what `faas-cli` takes.
    """
    stack = typed_yaml.load(file, _expanded(file, env))
    _check_head(file, stack)
    functions = stack.get("functions").mapping(lambda value: value)
    if not functions:
        raise LocalError(f"{file}: functions must map each function's name to what it is.")
    return [_request(name, function, file) for name, function in functions.items()]


def _expanded(file: Path, env: Mapping[str, str]) -> str:
    try:
        return expand(file.read_text(encoding="utf-8"), env)
    except UnicodeDecodeError as error:
        raise LocalError(f"{file} is not YAML: {error}.") from error
    except BadSubstitution as error:
        raise LocalError(
            f"{file}, {error}, in what follows '${{'.", "Write a '$' that means itself as '$$'."
        ) from error


def _check_head(file: Path, stack: Value) -> None:
    provider, version = stack.get("provider").get("name").text(), stack.get("version").text()
    if provider != PROVIDER:
        raise LocalError(f"{file}: provider.name must be {PROVIDER!r}, not {provider!r}.")
    if version and version != VERSION:
        raise LocalError(f"{file}: version must be {VERSION!r} or left out, not {version!r}.")


def _request(name: str, function: Value, file: Path) -> dict[str, Any]:
    """Return what is sent for a function; what it does not say is left out."""
    image, built = _image(name, function, file)
    said = {
        "namespace": function.get("namespace").text(),
        "constraints": function.get("constraints").texts(),
        "secrets": function.get("secrets").texts(),
        "labels": function.get("labels").mapping(Value.text),
        "annotations": function.get("annotations").mapping(Value.text),
        "limits": _resources(function.get("limits")),
        "requests": _resources(function.get("requests")),
        "envProcess": _process(function, file, built=built),
        "readOnlyRootFilesystem": function.get("readonly_root_filesystem").flag(),
    }
    _check_builds(function)
    request = {key: value for key, value in said.items() if value}
    return request | {"service": name, "image": image, "envVars": _environment(function, file)}


def _check_builds(function: Value) -> None:
    """Read what only `faas-cli build` uses: a wrong type there is refused by a deploy, too."""
    function.get("skip_build").flag()
    function.get("build_options").texts()
    function.get("platforms").text()
    for key in ("build_args", "build_secrets"):
        function.get(key).mapping(Value.text)


def _resources(said: Value) -> dict[str, str]:
    found = {key: said.get(key).text() for key in _RESOURCES}
    return {key: value for key, value in found.items() if value}


def _image(name: str, function: Value, file: Path) -> tuple[str, bool]:
    """Return the image, and whether it must have been built: a function's folder runs as it is.

    The handler is looked for from the current folder, as by `faas-cli build`, then beside the file.
    """
    handler, image = function.get("handler").text() or name, function.get("image").text()
    for folder in (Path(handler), file.parent / handler):
        if manifests.is_function(folder):
            place = str(folder.resolve())
            return (_tagged(image) if _without_tag(image) == place else place), False
    if not image:
        raise LocalError(
            f"{file}: {name} has no image, and its handler no main.py or handler.py.",
            "Name the image, or the folder with one of the two as the handler.",
        )
    return _tagged(image), True


def _tagged(image: str) -> str:
    """Return an image's name as `faas-cli` sends it, so that its `diff` finds no difference."""
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"


def _without_tag(image: str) -> str:
    folder, slash, name = image.rpartition("/")
    return f"{folder}{slash}{name.partition(':')[0]}"


def _process(function: Value, file: Path, *, built: bool) -> str:
    """Return the command of a function; its language's template says it where it does not."""
    said, language = function.get("fprocess").text(), function.get("lang").text()
    if said or not built or language.lower() in {"", "dockerfile"}:
        return said
    template = Path("template") / language / "template.yml"
    if not template.is_file():
        raise LocalError(
            f"{file}: lang {language!r} wants {template} in the current folder, as for faas-cli.",
            "Pull the template, or say fprocess.",
        )
    return typed_yaml.load(template, template.read_text(encoding="utf-8")).get("fprocess").text()


def _environment(function: Value, file: Path) -> dict[str, str]:
    """Return the variables; files of them go over those in the stack file, the last one wins."""
    found = function.get("environment").mapping(Value.text)
    for name in function.get("environment_file").texts():
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LocalError(
                f"{file}: there is no environment_file {name} to read in {Path.cwd()} ({error}).",
                "faas-cli looks for it from the current folder, not beside the stack file.",
            ) from error
        found |= typed_yaml.load(Path(name), text).get("environment").mapping(Value.text)
    return found
