"""The stores of states and of courses that their contracts run on."""

import hashlib
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast

import msgspec
import pytest

from infra.course.memory import MemoryCourseStore
from infra.course.port import CourseStore
from infra.course.postgres import PostgresCourseStore
from infra.course.sqlite import SqliteCourseStore
from infra.redis.connection import open_redis
from infra.state.memory import MemoryStateStore
from infra.state.port import StateStore, StoreIdentity
from infra.state.redis import RedisStateStore
from infra.state.sqlite import SqliteStateStore
from tests.support.given import LOG
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.world import PROJECTION

STORE = StoreIdentity(LOG.log_id, PROJECTION, "f" * 64, 0)

StoreOpener = Callable[[], AbstractAsyncContextManager[StateStore]]
"""Opens the same store, again and again; each is closed when its block ends."""

CourseOpener = Callable[[], AbstractAsyncContextManager[CourseStore]]
"""Opens the same course, again and again."""


def memory_store(_folder: Path, _request: pytest.FixtureRequest) -> StoreOpener:
    """One store in memory; opening it again gives the same one."""
    store = MemoryStateStore()

    @asynccontextmanager
    async def opened() -> AsyncIterator[StateStore]:
        yield store

    return opened


def sqlite_store(folder: Path, _request: pytest.FixtureRequest) -> StoreOpener:
    """A projection's file in a folder."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[StateStore]:
        store = SqliteStateStore(folder / "projection-first.db", STORE)
        try:
            yield store
        finally:
            await store.close()

    return opened


def redis_store(folder: Path, request: pytest.FixtureRequest) -> StoreOpener:
    """Keys of its own on the server of all tests."""
    server = cast("RedisServer", request.getfixturevalue("redis_server"))
    identity = msgspec.structs.replace(STORE, log_id=_name_of(folder))
    nonces = itertools.count()

    @asynccontextmanager
    async def opened() -> AsyncIterator[StateStore]:
        client = await open_redis(server.settings)
        try:
            store = await RedisStateStore.open(client, identity, f"nonce-{next(nonces)}")
            yield store
            await store.close()
        finally:
            await client.aclose()

    return opened


def memory_course(_folder: Path, _request: pytest.FixtureRequest) -> CourseOpener:
    """One course in memory; opening it again gives the same one."""
    store = MemoryCourseStore()

    @asynccontextmanager
    async def opened() -> AsyncIterator[CourseStore]:
        yield store

    return opened


def sqlite_course(folder: Path, _request: pytest.FixtureRequest) -> CourseOpener:
    """A learner's file in a folder."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[CourseStore]:
        store = SqliteCourseStore(folder / "learning-first.db")
        try:
            yield store
        finally:
            await store.close()

    return opened


def postgres_course(folder: Path, request: pytest.FixtureRequest) -> CourseOpener:
    """A schema of its own on the server of all tests."""
    server = cast("PostgresServer", request.getfixturevalue("postgres_server"))
    settings = server.settings(f"course_{_name_of(folder)}")

    @asynccontextmanager
    async def opened() -> AsyncIterator[CourseStore]:
        store = await PostgresCourseStore.open(settings, PROJECTION)
        try:
            yield store
        finally:
            await store.close()

    return opened


def _name_of(folder: Path) -> str:
    """A name that no other test has."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]


STORES: dict[str, Callable[[Path, pytest.FixtureRequest], StoreOpener]] = {
    "memory": memory_store,
    "sqlite": sqlite_store,
    "redis": redis_store,
}
COURSES: dict[str, Callable[[Path, pytest.FixtureRequest], CourseOpener]] = {
    "memory": memory_course,
    "sqlite": sqlite_course,
    "postgres": postgres_course,
}
