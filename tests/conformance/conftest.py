"""Hands every backend to every contract."""

from pathlib import Path

import pytest

from tests.conformance.archives import ARCHIVES, Archives
from tests.conformance.backends import LOGS, LogBackend
from tests.conformance.stores import COURSES, STORES, CourseOpener, StoreOpener
from tests.support.desks import OpenStore, in_postgres, in_sqlite
from tests.support.postgres_server import PostgresServer


@pytest.fixture(params=sorted(LOGS))
def logs(request: pytest.FixtureRequest, tmp_path: Path) -> LogBackend:
    """One log on one backend."""
    return LOGS[request.param](tmp_path, request)


@pytest.fixture(params=sorted(STORES))
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> StoreOpener:
    """One state store on one backend."""
    return STORES[request.param](tmp_path, request)


@pytest.fixture(params=sorted(COURSES))
def courses(request: pytest.FixtureRequest, tmp_path: Path) -> CourseOpener:
    """One course store on one backend."""
    return COURSES[request.param](tmp_path, request)


@pytest.fixture(params=sorted(ARCHIVES))
def archives(request: pytest.FixtureRequest, tmp_path: Path) -> Archives:
    """One log with its archive."""
    return ARCHIVES[request.param](tmp_path, request)


@pytest.fixture(params=["sqlite", "postgres"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    """One store; opened again it is the same one."""
    if request.param == "sqlite":
        return in_sqlite(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return in_postgres(server)
