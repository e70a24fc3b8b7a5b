"""Which facts stand, asked of Redis by somebody who does not write the log."""

from collections.abc import Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from infra.log.port import LogUnavailableError

CLAIMS_A_COMMAND = 4_000


class RedisClaims:
    """The claims of one log, as its writer keeps them: those of the last days."""

    def __init__(self, client: Redis, log_id: str) -> None:
        self._client = client
        self._prefix = f"holdfast:{{{log_id}}}:claim:".encode()

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each claim that stands. Raises `LogUnavailableError`."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(claims), CLAIMS_A_COMMAND):
            some = claims[start : start + CLAIMS_A_COMMAND]
            try:
                bodies = await self._client.mget([self._prefix + claim for claim in some])
            except (RedisError, OSError) as error:
                raise LogUnavailableError(f"Redis does not answer: {error}; is it up?") from error
            both = zip(some, bodies, strict=True)
            found.update((claim, body) for claim, body in both if isinstance(body, bytes))
        return found
