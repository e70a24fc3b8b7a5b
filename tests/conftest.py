"""What every test may ask for: the real data sets, and one way to run Hypothesis."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

for name in [name for name in os.environ if name.startswith("HOLDFAST_KAFKA_")]:
    del os.environ[name]  # whatever broker this shell is set to is not the one of the tests

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real data sets that ``HOLDFAST_DATASETS`` names; continuous integration demands it."""
    folder = os.environ.get("HOLDFAST_DATASETS")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = (
        f"HOLDFAST_DATASETS names {folder!r}, which is no folder"
        if folder
        else "HOLDFAST_DATASETS is unset: real data is not at hand"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
