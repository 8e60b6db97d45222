"""Background rows and references are examined before a version that names them is registered."""

import hashlib

import msgspec
import pytest

from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Invalid
from functions.kit.contract.models import background, reference
from functions.kit.contract.models.registration import (
    ModelFile,
    Registration,
    files_of,
    new_background_path,
    new_file_path,
    new_reference_path,
)
from functions.models.model.registration_checks import check_registration
from functions.models.service.file_check import FileCheck
from tests.support.models.explained import PEOPLE, Explained
from tests.support.models.onnx import Trained, train
from tests.support.models.registrations import registration

CATS = Place(MAIN, "cats")
JOB = "0" * 32


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture(scope="module")
def rows(trained: Trained) -> bytes:
    return Explained(trained, PEOPLE).background.to_bytes()


def told(trained: Trained, bucket: MemoryBucket, data: bytes, **changes: object) -> Registration:
    """Return a registration with a file of background rows."""
    paths = (new_file_path(CATS, JOB), new_background_path(CATS, JOB))
    files = []
    for path, content in zip(paths, (b"onnx", data), strict=True):
        bucket.write(path, content, "application/octet-stream")
        digest = hashlib.sha256(content).hexdigest()
        files.append({"path": path, "sha256": digest, "bytes": len(content)})
    body = registration(trained, files[0], "job")
    return msgspec.convert(body | {"background": files[1] | changes}, Registration)


def check(bucket: MemoryBucket, asked: Registration) -> None:
    check_registration(CATS, asked)
    FileCheck(bucket, lambda *_: [], 2**30).check(asked)


def test_rows_that_fit_the_signature_are_taken(trained: Trained, rows: bytes) -> None:
    bucket = MemoryBucket()
    check(bucket, told(trained, bucket, rows))


def test_rows_of_another_model_are_refused(trained: Trained, rows: bytes) -> None:
    bucket = MemoryBucket()
    asked = told(trained, bucket, rows)
    asked.signature.features[0].input = "another"
    with pytest.raises(Invalid, match="field 'background': Not background rows"):
        check(bucket, asked)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bytes": background.MOST_BYTES + 1}, "field 'background.bytes': Expected 4,194,304"),
        ({"sha256": "0" * 64}, "field 'background': The file has another size or SHA-256"),
        ({"path": f"{files_of(CATS)}gone.npz"}, "field 'background.path': There is no such file"),
        ({"path": "models/dogs/x.npz"}, "The registration contradicts itself"),
    ],
)
def test_what_is_told_of_the_file_holds(
    trained: Trained, rows: bytes, changes: dict[str, object], reason: str
) -> None:
    bucket = MemoryBucket()
    with pytest.raises(Invalid, match=reason):
        check(bucket, told(trained, bucket, rows, **changes))


def with_reference(trained: Trained, bucket: MemoryBucket, data: bytes) -> Registration:
    """Return a registration with a file of the rows that it learnt from."""
    asked = told(trained, bucket, Explained(trained, PEOPLE).background.to_bytes())
    path = new_reference_path(CATS, JOB)
    bucket.write(path, data, "application/json")
    digest = hashlib.sha256(data).hexdigest()
    asked.reference = ModelFile(path, digest, len(data))
    return asked


def test_a_reference_of_the_same_columns_is_taken(trained: Trained) -> None:
    bucket = MemoryBucket()
    columns = [
        reference.ColumnReference(one.name, one.kind, 10, 0) for one in trained.signature.columns
    ]
    check(bucket, with_reference(trained, bucket, reference.Reference(10, columns).to_bytes()))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[]", "field 'reference': Not a reference"),
        (b'{"rows": 1, "columns": [], "format": 2}', "Not a reference of this release: format 2"),
        (b'{"rows": 1, "columns": []}', "field 'reference': Expected the signature's columns"),
    ],
)
def test_what_is_no_reference_of_the_version_is_refused(
    trained: Trained, data: bytes, reason: str
) -> None:
    bucket = MemoryBucket()
    with pytest.raises(Invalid, match=reason):
        check(bucket, with_reference(trained, bucket, data))
