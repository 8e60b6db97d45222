"""The environment that a replica sees: its own, config maps, secrets, the platform's."""

from collections.abc import Mapping
from pathlib import Path

from emulators.gateway.disk import files_in
from emulators.gateway.runtimes.base import StartError
from emulators.gateway.service.configs import folder_of
from emulators.gateway.specs.revision import EnvSource, Revision

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
_FOLDERS = {"configmap": "configmaps", "secret": "secrets"}


class Environment:
    """Resolves environments from folders laid out like mounted volumes.

    Args:
        data: Folder with ``configmaps/<name>/<KEY>`` and ``secrets/<name>/<KEY>``.
        own: The gateway's own environment, of which a few variables are passed on.
    """

    def __init__(self, data: Path, own: Mapping[str, str]) -> None:
        self._data = data
        self._base = {key: own[key] for key in PASSED_ON if key in own}

    def of(self, revision: Revision) -> dict[str, str]:
        """Everything a replica of this revision gets, read now.

        Raises:
            StartError: When a config map, a secret or a key is missing.
        """
        env = dict(self._base)
        for source in revision.env_sources:
            env.update(self._read(source, revision.namespace))
        env.update(revision.env)
        env.setdefault("PORT", str(revision.port))
        env["K_SERVICE"] = env["K_CONFIGURATION"] = revision.function
        env["K_REVISION"] = revision.name
        if revision.secrets:
            self._check_secrets(revision)
            env["OPENFAAS_SECRETS"] = str(self._data / "openfaas-secrets" / revision.namespace)
        return env

    def _check_secrets(self, revision: Revision) -> None:
        for name in revision.secrets:
            if not (self._data / "openfaas-secrets" / revision.namespace / name).is_file():
                raise StartError(f"the secret {name!r} is missing: create it with faas-cli secret")

    def _read(self, source: EnvSource, namespace: str) -> dict[str, str]:
        folder = self._folder(source, namespace)
        if source.key is not None:
            return self._read_key(source, folder / source.key)
        if not folder.is_dir():
            return self._absent(source, folder)
        return {source.prefix + file.name: _text(file) for file in files_in(folder)}

    def _folder(self, source: EnvSource, namespace: str) -> Path:
        """The namespace's own, or the one that is there for all."""
        kind = _FOLDERS[source.kind]
        own = folder_of(self._data, kind, namespace) / source.name
        return own if own.is_dir() else self._data / kind / source.name

    def _read_key(self, source: EnvSource, file: Path) -> dict[str, str]:
        if not file.is_file():
            return self._absent(source, file)
        return {source.variable or file.name: _text(file)}

    def _absent(self, source: EnvSource, path: Path) -> dict[str, str]:
        if source.optional:
            return {}
        raise StartError(f"the {source.kind} {source.name!r} is missing: there is no {path}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise StartError(f"{file} holds no text: an environment variable cannot have it") from error
