"""The stories in the browser on each platform alone: that platform's ways and no others."""

import pytest

from tests.e2e.browser.stories import from_a_file_to_a_prediction, without_scripts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESSES = {
    "openfaas": "{gateway}/function/prediction/models/",
    "openfaas-ce": "{gateway}/function/prediction/models/",
    "knative": "http://prediction.default.svc.cluster.local/models/",
}


@pytest.fixture(scope="module", params=ADDRESSES)
def stack(request, new_home):
    """A stack that is one platform alone."""
    yield from new_home({"MAYFLY_PLATFORM": request.param})


@pytest.fixture
def address(stack):
    """What the command that the pages show calls."""
    return ADDRESSES[stack.extra["MAYFLY_PLATFORM"]].format(gateway=stack.gateway_url)


def test_from_a_file_to_a_prediction(page, stack, address):
    from_a_file_to_a_prediction(page, stack, address)


def test_pages_work_without_scripts(chromium, stack, seat, tmp_path):
    without_scripts(chromium, stack.web_url, seat, tmp_path)
