"""One folder for all tests that only look."""

import pytest

from infra.folder import DataFolder
from tests.unit.console.consoles import peopled


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return peopled(tmp_path_factory.mktemp("console") / "data")
