"""A whole plan as JSON."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.downloads import DOWNLOAD


@pytest.fixture(scope="package")
def whole(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(DOWNLOAD).json()
    return found
