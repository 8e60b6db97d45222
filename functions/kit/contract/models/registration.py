"""The model registry's documents: `models/{name}` and `models/{name}/versions/{version}`.

`models` writes them; `prediction` reads them as they are stored, because asking another function
would double its cold start. So their shape stands here, once.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.access.workspaces import WORKSPACES, Place
from functions.kit.contract.models.own_models import FunctionName
from functions.kit.contract.models.signature import Signature, Task
from functions.kit.contract.models.traffic import Traffic
from functions.kit.lazy import pattern

MODELS = "models"
DELETED = "deleted_models"
"""Beside the models: those that were taken away and can be had back."""
VERSIONS = "versions"
CHANGES = "changes"
# The alias that answers when a caller names none.
CHAMPION = "champion"

# Firestore has no arrays of arrays (a ROC curve is one), and nobody queries inside these: they are
# stored as JSON text.
TEXTS = ("settings", "metrics", "evaluation", "signature", "card")

FILES = ("file", "held_out", "background", "reference")

_FILE_OF_A_JOB = pattern(
    rf"({WORKSPACES}/[^/]+/)?{MODELS}/[^/]+/[0-9a-f]{{32}}-[0-9a-f]{{12}}\.(onnx|npz|json)"
)

NonEmptyText = Annotated[str, msgspec.Meta(min_length=1, max_length=1500)]
Text = Annotated[str, msgspec.Meta(max_length=1500)]


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ONNX file in the bucket: its object name, SHA-256 in hex and size."""

    path: NonEmptyText
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, msgspec.Meta(ge=1)]


class Registration(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What training says of a model that it made, or the registry of a function that is a model.

    `job` makes registering safe to repeat: one job gives one version. `snapshot` is the object
    name of the Parquet file that the model was trained on. `owner` is the id of the account whose
    job it was; what is older than accounts is the first owner's. `new_line` lets the version take
    and answer otherwise than those before it. `held_out` has what it predicted for rows that it was
    not fitted on, with the rows' keys, `background` the rows that its predictions are explained
    against, and `reference` what the rows were like that it learnt from. `function` is the name of
    the function that answers in place of a `file`; it has learnt from no dataset of ours.
    """

    job: NonEmptyText
    dataset: Text = ""
    revision: Annotated[int, msgspec.Meta(ge=0)] = 0
    snapshot: Text = ""
    target: NonEmptyText
    task: Task
    algorithm: NonEmptyText
    settings: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    evaluation: dict[str, Any] = {}
    signature: Signature
    file: ModelFile | None = None
    function: FunctionName | None = None
    card: Any = None
    owner: NonEmptyText = OWNER
    new_line: bool = False
    held_out: ModelFile | None = None
    background: ModelFile | None = None
    reference: ModelFile | None = None


class Version(Registration, kw_only=True):
    """One version of a model: immutable once it is there, but for what people write beside it.

    Attributes:
        line: versions of one line take one another's place; those of another may take and answer
            otherwise.
        tags: words to find it by.
        note: what there is to say of it.
        edition: raised by each edit of the two; the entity tag.
    """

    model: str
    version: int
    line: int = 1
    tags: list[str] = []
    note: str = ""
    edition: int = 1
    created_at: dt.datetime

    @property
    def registration(self) -> Registration:
        """What was said when it was registered."""
        return Registration(**{one: getattr(self, one) for one in Registration.__struct_fields__})


class Model(msgspec.Struct, kw_only=True):
    """A model: its versions' count, and which of them each alias names.

    Attributes:
        uid: differs for a model that was deleted and made again under the same name.
        target: what its newest line of versions predicts; empty for one older than this field.
        owner: the id of the account that registered its first version.
        latest: the highest version ever given out.
        deleted: versions that are no more; their numbers are not given out again.
        previous: what each alias named before, oldest first; a rollback takes the last.
        traffic: how the calls of an alias are shared out, where not all go to what it names.
        tags: words to find it by.
        note: what there is to say of it.
        revision: raised by every change; the entity tag.
    """

    name: str
    uid: str
    task: Task
    target: str = ""
    owner: str = OWNER
    latest: int
    aliases: dict[str, int]
    previous: dict[str, list[int]] = {}
    traffic: dict[str, Traffic] = {}
    deleted: list[int] = []
    tags: list[str] = []
    note: str = ""
    revision: int
    created_at: dt.datetime
    updated_at: dt.datetime

    def has(self, version: int) -> bool:
        """Tell whether `version` is there."""
        return 1 <= version <= self.latest and version not in self.deleted

    @property
    def versions(self) -> list[int]:
        """The numbers of the versions that are there."""
        return [number for number in range(1, self.latest + 1) if self.has(number)]


def files_of(model: Place) -> str:
    """Return what the names of a model's files begin with."""
    return workspaces.path(model.workspace, MODELS, model.name, "")


def new_file_path(model: Place, job: str) -> str:
    """Return a name that was never used for the file that a try of a training job writes.

    `job` is the job's id in the model's workspace.
    """
    return f"{files_of(model)}{job}-{uuid.uuid4().hex[:12]}.onnx"


def new_held_out_path(model: Place, job: str) -> str:
    """As `new_file_path`, for the file of what a model predicted for its held-out rows."""
    return f"{files_of(model)}{job}-{uuid.uuid4().hex[:12]}.npz"


def new_background_path(model: Place, job: str) -> str:
    """As `new_file_path`, for the file of the rows that its predictions are explained against."""
    return new_held_out_path(model, job)


def new_reference_path(model: Place, job: str) -> str:
    """As `new_file_path`, for the file that says what the rows were like that it learnt from."""
    return f"{files_of(model)}{job}-{uuid.uuid4().hex[:12]}.json"


def files_in(registration: Registration) -> list[str]:
    """Return the paths of the files that a version has."""
    files = (getattr(registration, name) for name in FILES)
    return [file.path for file in files if file is not None]


def is_of_a_job(path: str) -> bool:
    """Tell whether one of the above gave this name: people may keep files of their own beside."""
    return _FILE_OF_A_JOB.fullmatch(path) is not None


def version_document(version: Version) -> dict[str, Any]:
    """Return what Firestore stores of `version`."""
    fields = {name: getattr(version, name) for name in version.__struct_fields__}
    texts = {name: msgspec.json.encode(fields[name]).decode() for name in TEXTS}
    files = {name: msgspec.to_builtins(fields[name]) for name in FILES}
    return {**fields, **texts, **files}


def read_version(document: Mapping[str, Any]) -> Version:
    """Return the version that `document` holds (times already plain, see `firestore.plain`).

    What a later release, or the registry for itself, has added is passed over.
    """
    known = {name: document[name] for name in Version.__struct_fields__ if name in document}
    texts = {name: msgspec.json.decode(document[name]) for name in TEXTS}
    return msgspec.convert({**known, **texts}, Version)


def model_document(model: Model) -> dict[str, Any]:
    """Return what Firestore stores of `model`."""
    traffic = msgspec.to_builtins(model.traffic, str_keys=True, builtin_types=(dt.datetime,))
    return {**msgspec.structs.asdict(model), "traffic": traffic}


def read_model(document: Mapping[str, Any]) -> Model:
    """Return the model that `document` holds (times already plain, see `firestore.plain`)."""
    return msgspec.convert(document, Model, str_keys=True)
