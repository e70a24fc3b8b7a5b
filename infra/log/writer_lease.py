"""Whose turn it is to write a log on Kafka, agreed on in Redis.

The lease keeps writers from fencing each other all the time; that two can never write, Kafka sees to
(a second transactional producer fences the first). So a lease that ran out unseen does no harm.
"""

from collections.abc import Awaitable
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from infra.log.port import LogUnavailableError

SECONDS_OF_A_LEASE = 10.0
"""Renew it three times as often."""

_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""

_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


class WriterLease:
    """One process' part in the turns at one log. Every method raises `LogUnavailableError`.

    Whoever wants a turn soon, such as a command, says so by `ask`; the one whose turn it is looks by
    `is_wanted` from time to time, finishes what it has under way, and gives the lease back.
    """

    def __init__(
        self, client: Redis, name: str, nonce: str, seconds: float = SECONDS_OF_A_LEASE
    ) -> None:
        """``name`` is the prefix of the log's topics; ``nonce`` is this process' alone."""
        self.nonce = nonce
        self._client = client
        self._key = f"{name}holdfast:writer"
        self._wanted_key = f"{name}holdfast:writer-wanted"
        self._milliseconds = int(seconds * 1_000)

    async def take(self) -> bool:
        """Take the lease where nobody else holds it; tell whether it is this one's now.

        While another one asks for it, only that one gets it.
        """
        if await self.is_wanted():
            return False
        return bool(await self._run(_TAKE, self._key, self._milliseconds))

    async def renew(self) -> bool:
        """Hold it for longer; False where it ran out or another one has it."""
        return bool(await self._run(_RENEW, self._key, self._milliseconds))

    async def give_back(self) -> None:
        """Let others take it, where it is this one's, and ask for it no more."""
        await self._run(_GIVE_BACK, self._key)
        await self._run(_GIVE_BACK, self._wanted_key)

    async def holder(self) -> str | None:
        """Return the nonce of whose turn it is; None for nobody's."""
        return await self._read(self._key)

    async def ask(self) -> bool:
        """Ask whoever has the lease for a turn; False where another one asks already.

        It holds as long as a lease does, so ask again while waiting.
        """
        return bool(await self._run(_TAKE, self._wanted_key, self._milliseconds))

    async def is_wanted(self) -> bool:
        """Whether another one asks for a turn."""
        return await self._read(self._wanted_key) not in {None, self.nonce}

    async def _read(self, key: str) -> str | None:
        found = await self._answer(self._client.get(key))
        return None if found is None else cast("bytes", found).decode()

    async def _run(self, script: str, key: str, *values: int) -> object:
        return await self._answer(self._client.eval(script, 1, key, self.nonce, *map(str, values)))

    async def _answer(self, asked: "Awaitable[object] | object") -> object:
        try:
            return await cast("Awaitable[object]", asked)
        except (RedisError, OSError) as error:
            raise LogUnavailableError(f"Redis does not answer: {error}; is it up?") from error
