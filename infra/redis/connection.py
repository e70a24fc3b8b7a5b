"""A client of Redis that hides nothing: no silent retry, and a server that may forget is refused."""

from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from infra.mendable import MendableError
from infra.redis.settings import RedisSettings

SECONDS_TO_CONNECT = 5.0
SECONDS_TO_ANSWER = 20.0
OLDEST_MAJOR = 7


class RedisUnavailableError(MendableError):
    """Redis cannot be reached or does not answer."""


class RedisRefusedError(MendableError):
    """Redis is set so that it may forget what it is given."""


def redis_client(settings: RedisSettings) -> Redis:
    """Return a client, not connected yet.

    It tries nothing again by itself: who commits must know that the connection was made anew, for
    a server that was killed may have lost its last second.
    """
    trusting = f"?ssl_ca_certs={quote(str(settings.ca_file))}" if settings.ca_file else ""
    return Redis.from_url(
        settings.url + trusting,
        username=settings.user,
        password=settings.secret,
        socket_connect_timeout=SECONDS_TO_CONNECT,
        socket_timeout=SECONDS_TO_ANSWER,
        retry=Retry(NoBackoff(), 0),
    )


async def open_redis(settings: RedisSettings) -> Redis:
    """Return a client of a server that keeps what it is given.

    Raises:
        RedisUnavailableError: it cannot be reached.
        RedisRefusedError: it is too old, evicts keys, or writes no append-only file.
    """
    client = redis_client(settings)
    try:
        await check_redis(client, settings.url)
    except BaseException:
        await client.aclose()
        raise
    return client


async def check_redis(client: Redis, url: str) -> None:
    """Raise what `open_redis` raises."""
    try:
        found = {
            name: value
            for section in ("server", "memory", "persistence")
            for name, value in (await client.info(section)).items()
        }
    except (RedisError, OSError) as error:
        raise RedisUnavailableError(
            f"Redis at {url} does not answer: {error}; is it up, and is HOLDFAST_REDIS_URL right?"
        ) from error
    wrong = _what_is_wrong(found)
    if wrong is not None:
        raise RedisRefusedError(f"Redis at {url} {wrong}")


def _what_is_wrong(found: dict[str, object]) -> str | None:
    version = str(found["redis_version"])
    if int(version.partition(".")[0]) < OLDEST_MAJOR:
        return f"is version {version}; {OLDEST_MAJOR} or later is needed"
    policy = str(found["maxmemory_policy"])
    if policy != "noeviction":
        return (
            f"evicts keys when memory is short ({policy}), and these keys are states: set"
            " `maxmemory-policy noeviction`"
        )
    if not int(str(found["aof_enabled"])):
        return "writes no append-only file, so a restart loses states: set `appendonly yes`"
    return None
