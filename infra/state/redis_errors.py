"""What Redis says when it does not serve states, with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from redis import exceptions
from redis.asyncio import Redis

from infra.state.port import StateUnavailableError

_MENDED_BY = (
    (exceptions.BusyLoadingError, "it is reading its files: wait until it has"),
    (
        (
            exceptions.AuthenticationError,
            exceptions.AuthorizationError,
            exceptions.NoPermissionError,
        ),
        "set HOLDFAST_REDIS_USER and its password to one who may use these keys",
    ),
    (exceptions.OutOfMemoryError, "give it more memory (`maxmemory`)"),
    (exceptions.ReadOnlyError, "it is a replica: set HOLDFAST_REDIS_URL to the primary"),
    (
        (exceptions.ConnectionError, exceptions.TimeoutError, OSError),
        "is it up, and is HOLDFAST_REDIS_URL right?",
    ),
)
"""The first that fits is what helps; a more special error stands before the one it is a kind of."""


@contextmanager
def explained(client: Redis, prefix: str) -> Iterator[None]:
    """Turn an error of Redis into a `StateUnavailableError` that says how to mend it."""
    try:
        yield
    except (exceptions.RedisError, OSError) as error:
        raise StateUnavailableError(
            f"Redis at {_address(client)} does not serve the states {prefix}: {error};"
            f" {_mend(error)}"
        ) from error
    except msgspec.MsgspecError as error:
        raise StateUnavailableError(
            f"the keys {prefix} of Redis at {_address(client)} are damaged ({error}): restore Redis"
            f" from a backup, or delete {prefix}:* and the partition is folded anew from the log"
        ) from error


def _address(client: Redis) -> str:
    known = client.connection_pool.connection_kwargs
    return f"{known.get('host')}:{known.get('port')}"


def _mend(error: Exception) -> str:
    fitting = (mend for kinds, mend in _MENDED_BY if isinstance(error, kinds))
    return next(fitting, "what it says, and its log, tell how to mend it")
