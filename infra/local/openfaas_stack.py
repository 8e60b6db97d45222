"""OpenFaaS stack files: what `faas-cli deploy -f stack.yaml` would send, without its templates.

Reference: https://docs.openfaas.com/reference/yaml
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.local.errors import LocalError

_VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")
_SAME_NAME = ("namespace", "constraints", "secrets", "labels", "annotations", "limits", "requests")


def is_stack(path: Path) -> bool:
    """Tell whether a file is a stack file: it names its provider at the left margin."""
    if not path.is_file():
        return False
    return any(line.startswith(b"provider:") for line in path.read_bytes().splitlines())


def requests(file: Path, env: Mapping[str, str] = os.environ) -> list[dict[str, Any]]:
    """Return the deploy requests of a stack file, a function each.

    `${NAME}` and `${NAME:-default}` anywhere in the file are taken from `env`. Nothing is built: a
    handler's folder that holds main.py runs as it is, any other function by its image.

    Raises:
        LocalError: the file, or an `environment_file` of it, cannot be read.
    """
    functions = _mapping(_read(file, env), file).get("functions")
    known = isinstance(functions, dict) and all(isinstance(f, dict) for f in functions.values())
    if not known or not functions:
        raise LocalError(f"{file}: functions must map each function's name to what it is.")
    return [_request(name, function, file, env) for name, function in functions.items()]


def expand(text: str, env: Mapping[str, str], file: Path) -> str:
    """Replace `${NAME}` and `${NAME:-default}`.

    Raises:
        LocalError: a variable is not set and has no default.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        if not env.get(name) and default is None:
            raise LocalError(f"{file}: ${{{name}}} is not set.", f"Set {name}, or give a default.")
        return env.get(name) or default

    return _VARIABLE.sub(value, text)


def _request(
    name: str, function: dict[str, Any], file: Path, env: Mapping[str, str]
) -> dict[str, Any]:
    request = {key: function[key] for key in _SAME_NAME if function.get(key)}
    request |= {"service": name, "image": _image(name, function, file)}
    request["envVars"] = _environment(function, file, env)
    if function.get("fprocess"):
        request["envProcess"] = function["fprocess"]
    if function.get("readonly_root_filesystem"):
        request["readOnlyRootFilesystem"] = True
    return request


def _image(name: str, function: dict[str, Any], file: Path) -> str:
    handler = file.parent.resolve() / str(function.get("handler") or name)
    if (handler / "main.py").is_file():
        return str(handler.resolve())
    if not function.get("image"):
        raise LocalError(
            f"{file}: {name} has no image, and its handler no main.py.",
            "Name the image, or the folder with main.py as the handler.",
        )
    return str(function["image"])


def _environment(function: dict[str, Any], file: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables; files of them go over those in the stack file, as for `faas-cli`."""
    found = _variables(function, file)
    names = function.get("environment_file") or ()
    for name in (names,) if isinstance(names, str) else names:
        other = file.parent / str(name)
        if not other.is_file():
            raise LocalError(f"{file}: there is no environment_file {other}.")
        found |= _variables(_mapping(_read(other, env), other), other)
    return {key: _text(value) for key, value in found.items()}


def _variables(holder: dict[str, Any], file: Path) -> dict[str, Any]:
    found = holder.get("environment") or {}
    if not isinstance(found, dict):
        raise LocalError(f"{file}: environment must map names to values, as in `PORT: 8080`.")
    return dict(found)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(file: Path, env: Mapping[str, str]) -> str:
    try:
        return expand(file.read_text(), env, file)
    except UnicodeDecodeError as error:
        raise LocalError(f"{file} is not YAML: {error}.") from error


def _mapping(text: str, file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise LocalError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(found, dict):
        raise LocalError(f"{file}: a mapping is wanted.")
    return found
