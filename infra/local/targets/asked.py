"""What somebody asked of a deploy elsewhere."""

from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import LocalError
from infra.local.targets import images
from infra.local.targets.plan import DOCKER, MAYFLY, Need, Step

TIMEOUT = "300s"


@dataclass(frozen=True)
class Asked:
    """The options of `./mayfly deploy --to`.

    Attributes:
        target: the platform's name.
        folder: where what is made goes; empty or missing.
        registry: where images are, with a path in it.
        overlay: of infra/kubernetes.
        key_file: the first API key's.
        config: variables of functions, `NAME=value` a line; None for infra/knative/config.env.
        gateway: an OpenFaaS gateway's URL.
        function_url: where functions answer, a template; empty for unknown.
        ingress: host:port to connect to in place of those hosts.
        project: of Google Cloud.
        region: of Google Cloud or AWS.
        build: whether images are built and pushed.
        demo: whether the demo is run against it at the end.
    """

    folder: Path
    registry: str = ""
    tag: str = "latest"
    overlay: str = "dev"
    key_file: Path = Path("key")
    config: Path | None = None
    gateway: str = ""
    function_url: str = ""
    ingress: str = ""
    project: str = ""
    region: str = ""
    build: bool = True
    demo: bool = True
    target: str = "this"

    def need(self, value: str, option: str, example: str) -> str:
        """Return a value that this target needs.

        Raises:
            LocalError: it was not given.
        """
        if not value:
            raise LocalError(
                f"{option} is needed for {self.target}.", f"Such as: {option} {example}"
            )
        return value

    def config_given(self, example: str) -> Path:
        """Return the file of variables; raises LocalError."""
        if self.config is None:
            raise LocalError(
                f"--config is needed for {self.target}.",
                f"Copy {example}, fill it in, and name the copy.",
            )
        return self.config

    def variables(self, wanted: tuple[str, ...]) -> dict[str, str]:
        """Return what the file of variables says, `NAME=value` a line.

        Raises:
            LocalError: one that is wanted is not there, or a line is none of these.
        """
        file = self.config_given("the names from this platform's README")
        found = {}
        for number, line in enumerate(_text(file).splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            name, sign, value = line.partition("=")
            if not sign:
                raise LocalError(f"{file}, line {number}: NAME=value is wanted, not {line!r}.")
            found[name.strip()] = value.strip()
        if missing := [name for name in wanted if not found.get(name)]:
            raise LocalError(
                f"{file} does not say {', '.join(missing)}.", "Add NAME=value for each."
            )
        return found

    def registry_given(self) -> str:
        """Return the registry; raises LocalError."""
        return self.need(self.registry, "--registry", "registry.example.org/you/mayfly")

    def docker(self) -> tuple[Need, ...]:
        """Return the need of Docker, where something is built."""
        return (DOCKER,) if self.build else ()

    def builds(self, wanted: tuple[str, ...]) -> tuple[Step, ...]:
        """Return the commands that build images and push them."""
        if not self.build:
            return ()
        return tuple(step for image in wanted for step in self._built(image))

    def _built(self, image: str) -> tuple[Step, Step]:
        place = f"{images.placed(image, self.registry_given())}:{self.tag}"
        recipe = images.RECIPES[image]
        build = Step(f"Build {image}", ("docker", "build", *recipe, "-t", place, "."))
        return build, Step(f"Push {image}", ("docker", "push", place))

    def demos(self, *words: str, beside: tuple[str, ...] = ()) -> tuple[Step, ...]:
        """Return the demo against a system, if it is wanted; the words say where that is."""
        if not self.demo:
            return ()
        key = ("--key-file", str(self.key_file))
        return (Step("Try it: the demo", (MAYFLY, "demo", *words, *key), beside=beside),)

    def demos_by_url(self) -> tuple[Step, ...]:
        """Return the demo against functions that have hosts of their own; raises LocalError."""
        if not self.demo:
            return ()
        example = "'https://{name}.example.com{path}' (or leave the demo out: --no-demo)"
        url = self.need(self.function_url, "--function-url", example)
        ingress = ("--ingress", self.ingress) if self.ingress else ()
        return self.demos("--function-url", url, *ingress)


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except UnicodeDecodeError as error:
        raise LocalError(f"{file} is no text.", "Write NAME=value a line, in UTF-8.") from error
