"""Redis is refused where it may forget, and an outage is told with how to mend it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.redis.connection import RedisRefusedError, RedisUnavailableError, open_redis
from infra.redis.settings import RedisSettings, RedisSettingsError, read_settings
from tests.support.redis_server import RedisServer, redis_in
from tests.support.servers import free_port
from tests.support.world import awaited


@pytest.fixture
def own(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    server = redis_in(tmp_path, *request.param)
    server.start()
    yield server
    server.stop()


async def opened(settings: RedisSettings) -> bool:
    client = await open_redis(settings)
    try:
        return bool(await client.ping())
    finally:
        await client.aclose()


@awaited
async def test_a_server_that_keeps_what_it_is_given_is_taken(redis_server: RedisServer) -> None:
    assert await opened(redis_server.settings)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (("--appendonly", "no"), "set `appendonly yes`"),
        (("--maxmemory-policy", "allkeys-lru"), "allkeys-lru"),
    ],
    indirect=["own"],
)
@awaited
async def test_a_server_that_may_forget_is_refused(own: RedisServer, said: str) -> None:
    with pytest.raises(RedisRefusedError, match=said):
        await opened(own.settings)


@awaited
async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"

    with pytest.raises(RedisUnavailableError, match=f"{url} does not answer"):
        await opened(RedisSettings(url=url))


def test_a_password_comes_from_its_file_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("open sesame\n", "utf-8")
    monkeypatch.setenv("HOLDFAST_REDIS_PASSWORD_FILE", str(file))
    assert read_settings().secret == "open sesame"

    monkeypatch.setenv("HOLDFAST_REDIS_PASSWORD", "open-sesame")
    with pytest.raises(RedisSettingsError) as refused:
        read_settings()
    assert str(refused.value) == (
        "HOLDFAST_REDIS_*: set one of PASSWORD and PASSWORD_FILE; both given"
    )
