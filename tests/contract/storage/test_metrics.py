"""What a scrape of the emulator gets."""

import uuid
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from google.api_core.exceptions import NotFound
from google.cloud import storage
from prometheus_client.parser import text_string_to_metric_families

from tests.support.processes import Emulator


def counted(emulator: Emulator) -> dict[tuple[str, str], float]:
    """Calls that are over, by route and status."""
    with urlopen(f"http://127.0.0.1:{emulator.port}/_/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        (sample.labels["call"], sample.labels["outcome"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "storage_call_seconds_count"
    }


def test_calls_are_counted_by_route_and_status(shared: Emulator, fresh: storage.Bucket) -> None:
    before = counted(shared)
    blob = fresh.blob("a/b")
    blob.upload_from_string(b"x")
    assert blob.download_as_bytes() == b"x"
    with pytest.raises(NotFound):
        fresh.blob("none").reload()
    with urlopen(f"http://127.0.0.1:{shared.port}/{fresh.name}/a/b", timeout=30) as answer:
        assert answer.read() == b"x"
    more = {key: count - before.get(key, 0) for key, count in counted(shared).items()}
    assert {key: count for key, count in more.items() if count} == {
        ("POST upload b/{bucket}/o", "200"): 1,
        ("GET b/{bucket}/o/{object}", "200"): 1,
        ("GET b/{bucket}/o/{object}", "404"): 1,
        ("GET (XML)", "200"): 1,
    }


def test_a_bucket_may_be_called_metrics(shared: Emulator) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(f"http://127.0.0.1:{shared.port}/metrics/{uuid.uuid4().hex}", timeout=30)
    assert refused.value.code == 404
    assert b"bucket does not exist" in refused.value.read()
