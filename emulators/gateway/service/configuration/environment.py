"""The environment that a replica sees: its own, config maps, secrets, the platform's."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from emulators.gateway.disk import files_in, write_atomically
from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import EnvSource, Revision
from emulators.gateway.model.volumes import Source
from emulators.gateway.service.configuration import product
from emulators.gateway.service.configuration.configs import folder_of
from emulators.gateway.service.configuration.volumes import write
from emulators.gateway.service.runtime import SECRETS_VARIABLE, VOLUMES_VARIABLE, StartError
from emulators.gateway.specs.commands import expanded
from emulators.gateway.specs.images import is_own

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
_FOLDERS = {"configmap": "configmaps", "secret": "secrets"}


class Environment:
    """Resolves environments from folders laid out like mounted volumes.

    Args:
        data: Folder with ``configmaps/<name>/<KEY>``, ``secrets/<name>/<KEY>`` and
            ``openfaas-secrets/<namespace>/<name>``. Below ``product/`` may be ``secrets/`` and
            ``openfaas-secrets/`` (without namespaces) that the product's functions alone may name.
        own: The gateway's own environment, of which a few variables are passed on.
    """

    def __init__(self, data: Path, own: Mapping[str, str]) -> None:
        self._data = data
        self._product = data / product.FOLDER
        self._given = data / "given"
        self._holders: dict[Path, Revision] = {}  # of copies of secrets
        self._shelves: dict[Path, Revision] = {}  # of volumes
        self._base = {key: own[key] for key in PASSED_ON if key in own}

    def clear(self) -> None:
        """Remove what replicas of an earlier process were given."""
        shutil.rmtree(self._given, ignore_errors=True)

    def of(self, revision: Revision) -> dict[str, str]:
        """Return everything a replica of this revision gets, read now.

        OpenFaaS secrets are given as copies, in a folder of the replica's own that has no others.

        Raises:
            StartError: When a config map, a secret or a key is missing.
            GatewayError: When it names a secret that is not for it.
        """
        self.check(revision, missing=False)
        env = self._base | self._declared(revision)
        env.setdefault("PORT", str(revision.port))
        env["K_SERVICE"] = env["K_CONFIGURATION"] = revision.function
        env["K_REVISION"] = revision.name
        env.pop(SECRETS_VARIABLE, None)  # the platform's to say
        env.pop(VOLUMES_VARIABLE, None)
        if revision.secrets:
            env[SECRETS_VARIABLE] = str(self._copies(revision))
        if revision.mounts:
            env[VOLUMES_VARIABLE] = str(self._volumes(revision))
        return env

    def take_back(self, env: Mapping[str, str]) -> None:
        """Remove the copies of secrets, and the volumes, that a replica was given."""
        for variable, known in (
            (SECRETS_VARIABLE, self._holders),
            (VOLUMES_VARIABLE, self._shelves),
        ):
            folder = Path(env.get(variable, ""))
            if known.pop(folder, None) is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def renew(self, namespace: str, name: str) -> None:
        """Bring the copies of an OpenFaaS secret that was changed up to date."""
        for folder, revision in self._holders.items():
            source = self._secret(revision, name)
            if revision.namespace == namespace and name in revision.secrets and source.is_file():
                write_atomically(folder / name, source.read_bytes(), 0o400)

    def renew_files(self) -> None:
        """Bring volumes up to date with the config maps and secrets that they have files of.

        What is not there any more stays in them as it was.
        """
        for folder, revision in self._shelves.items():
            with contextlib.suppress(StartError):
                self._write(folder, revision)

    def check(self, revision: Revision, *, missing: bool) -> None:
        """Refuse secrets of the product to others and, if asked to, missing OpenFaaS secrets.

        Raises:
            Invalid: Naming the secret.
        """
        sources: list[EnvSource | Source] = list(revision.env_sources)
        sources += [source for volume in revision.volumes for source in volume.sources]
        named = [source.name for source in sources if source.kind == "secret"]
        for place, names in (("secrets", named), ("openfaas-secrets", revision.secrets)):
            for name in names:
                if product.owns(self._data, place, name) and not is_own(revision):
                    raise product.refusal(name)
        for name in revision.secrets if missing else ():
            if not self._secret(revision, name).is_file():
                raise Invalid(
                    f"secret {name!r} is not there in namespace {revision.namespace!r}",
                    f"create it first: faas-cli secret create {name}",
                )

    def _declared(self, revision: Revision) -> dict[str, str]:
        """Return what its deploy file says; a value may refer to what was declared before it."""
        env: dict[str, str] = {}
        own: dict[str, str] = {}
        for source in revision.env_sources:
            (env if source.variable is None else own).update(self._read(source, revision))
        own |= revision.env
        for name in revision.env_order:
            if name in own:  # else its key is optional, and not there
                value = own.pop(name)
                env[name] = expanded(value, env) if name in revision.env else value
        return env | own

    def _copies(self, revision: Revision) -> Path:
        folder = self._given / secrets.token_hex(8)
        folder.mkdir(mode=0o700, parents=True)
        for name in sorted(set(revision.secrets)):
            try:
                content = self._secret(revision, name).read_bytes()
            except FileNotFoundError:
                shutil.rmtree(folder)
                raise StartError(
                    f"the secret {name!r} is missing: create it with faas-cli secret"
                ) from None
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o400), "wb") as file:
                file.write(content)
        self._holders[folder] = revision
        return folder

    def _volumes(self, revision: Revision) -> Path:
        """Make the volumes that are mounted, each in a folder of its name."""
        folder = self._given / secrets.token_hex(8)
        folder.mkdir(mode=0o700, parents=True)
        try:
            self._write(folder, revision)
            for mount in revision.mounts:  # as a kubelet does
                place = folder / mount.volume / mount.sub_path
                if not place.exists():
                    place.mkdir(parents=True)
        except (StartError, OSError):
            shutil.rmtree(folder)
            raise
        self._shelves[folder] = revision
        return folder

    def _write(self, folder: Path, revision: Revision) -> None:
        mounted = {mount.volume for mount in revision.mounts}
        for volume in revision.volumes:
            if volume.name in mounted:
                write(volume, folder / volume.name, lambda s: self._folder(s, revision))

    def _secret(self, revision: Revision, name: str) -> Path:
        """Return where an OpenFaaS secret is; the product's own comes first, for its functions."""
        own = self._product / "openfaas-secrets" / name
        if is_own(revision) and own.is_file():
            return own
        return self._data / "openfaas-secrets" / revision.namespace / name

    def _read(self, source: EnvSource, revision: Revision) -> dict[str, str]:
        folder = self._folder(source, revision)
        if source.key is not None:
            return self._read_key(source, folder / source.key)
        if not folder.is_dir():
            return self._absent(source, folder)
        return {source.prefix + file.name: _text(file) for file in files_in(folder)}

    def _folder(self, source: EnvSource | Source, revision: Revision) -> Path:
        """Return the namespace's own folder; of config maps, else the one that is there for all."""
        kind = _FOLDERS[source.kind]
        ours = self._product / kind / source.name
        if source.kind == "secret" and is_own(revision) and ours.is_dir():
            return ours
        own = folder_of(self._data, kind, revision.namespace) / source.name
        shared = source.kind == "configmap" and not own.is_dir()
        return self._data / kind / source.name if shared else own

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
