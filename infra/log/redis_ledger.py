"""What the one writer of a log on Kafka must know at once: which facts stand, and what came.

All of it is worked out from ``crm.facts``, and kept with the position up to which it was. Each write
compares a number that each write changes: so a server that lost its last second, was wiped, or was
written to by another writer, never answers as if nothing had happened.
"""

from collections.abc import Awaitable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from infra.log.feeds import Arrival
from infra.log.port import LogUnavailableError, Tallies

SECONDS_A_DAY = 86_400
DEFAULT_HORIZON_DAYS = 7
DIGEST_BYTES = 16
CLAIMS_A_SCRIPT = 4_000

_COMMIT = """
if (redis.call('HGET', KEYS[1], 'turn') or '') ~= ARGV[1] then
  return redis.error_reply('LEDGER moved')
end
local claims, prefix, seconds = ARGV[3], KEYS[2], ARGV[4]
for at = 1, #claims, 32 do
  redis.call('SET', prefix .. string.sub(claims, at, at + 15), string.sub(claims, at + 16, at + 31),
    'EX', seconds)
end
local fields = cjson.decode(ARGV[5])
for name, value in pairs(fields) do redis.call('HSET', KEYS[1], name, value) end
for field, number in pairs(cjson.decode(ARGV[6])) do
  redis.call('HINCRBY', KEYS[3], field, number)
end
redis.call('HSET', KEYS[1], 'turn', ARGV[2])
return 1
"""

_CLAIMED = """
if (redis.call('HGET', KEYS[1], 'turn') or '') ~= ARGV[1] then
  return redis.error_reply('LEDGER moved')
end
local claims, prefix, found = ARGV[2], KEYS[2], {}
local none = string.rep('\\0', 16)
for at = 1, #claims, 16 do
  found[#found + 1] = redis.call('GET', prefix .. string.sub(claims, at, at + 15)) or none
end
return table.concat(found)
"""

_ABSENT = bytes(DIGEST_BYTES)


class LedgerMovedError(LogUnavailableError):
    """Redis does not hold what this writer wrote last: it is brought up from the log first."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Redis does not hold what was written last ({why}); it is brought up")


class ImportProgress(msgspec.Struct, frozen=True):
    """How many facts of an import are behind it; ``began`` tells it from the same one begun anew."""

    import_id: str
    began: int
    done: int


class LedgerState(msgspec.Struct, frozen=True):
    """What the ledger holds besides claims and counters.

    ``positions`` has the next offset of each facts partition that was read; ``control`` the one up
    to which the ends of imports were counted.
    """

    positions: dict[int, int] = {}
    control: int = 0
    progress: ImportProgress | None = None
    arrivals: frozenset[Arrival] = frozenset()

    def after(self, change: "LedgerChange") -> "LedgerState":
        """Return what it holds after a change."""
        return LedgerState(
            {**self.positions, **change.positions},
            self.control if change.control is None else change.control,
            self.progress if change.progress is None else change.progress,
            self.arrivals if change.arrivals is None else frozenset(change.arrivals),
        )


class LedgerChange(msgspec.Struct, frozen=True):
    """What a commit adds: (claim, body digest) pairs, and what changed of the rest."""

    claims: Sequence[tuple[bytes, bytes]] = ()
    positions: Mapping[int, int] = {}
    control: int | None = None
    progress: ImportProgress | None = None
    arrivals: AbstractSet[Arrival] | None = None
    tallies: Tallies = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        values = (self.claims, self.positions, self.tallies)
        unchanged = (self.control, self.progress, self.arrivals)
        return not any(values) and all(value is None for value in unchanged)


class RedisLedger:
    """The ledger of one log, by one writer. `take` it before anything else; bind it to a log first."""

    def __init__(self, client: Redis, horizon_days: int = DEFAULT_HORIZON_DAYS) -> None:
        """Claims are kept so many days after their facts were appended."""
        self._client = client
        self._horizon_days = horizon_days
        self._log_id = ""
        self._nonce = ""
        self._turn = 0

    @property
    def horizon_ms(self) -> int:
        """How long a claim is kept, in milliseconds."""
        return self._horizon_days * SECONDS_A_DAY * 1_000

    @property
    def is_bound(self) -> bool:
        """Whether it is known whose ledger it is."""
        return bool(self._log_id)

    def bind(self, log_id: str) -> None:
        """Say whose ledger it is."""
        self._log_id = log_id

    async def owner(self) -> str | None:
        """Return the nonce of who took it last; None for nobody. Raises `LogUnavailableError`."""
        turn = await self._answer(self._client.hget(self._key("ledger"), "turn"))
        return None if turn is None else cast("bytes", turn).decode().partition(":")[0]

    async def take(self, nonce: str) -> LedgerState:
        """Make this the ledger's writer by force, and return what it holds.

        Whoever wrote before finds it moved. Raises `LogUnavailableError`.
        """
        self._nonce, self._turn = nonce, self._turn + 1
        fields = await self._answer(self._client.hgetall(self._key("ledger")))
        found = cast("dict[bytes, bytes]", fields)
        before = found.get(b"turn", b"")
        await self._run(_COMMIT, before, self._token(), LedgerChange())
        return _state_of(found)

    async def claimed(self, claims: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the body digest of each claim that stands. Raises `LedgerMovedError`."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(claims), CLAIMS_A_SCRIPT):
            some = claims[start : start + CLAIMS_A_SCRIPT]
            keys = (self._key("ledger"), self._key("claim:"))
            packed = await self._answer(
                self._client.eval(_CLAIMED, 2, *keys, self._token(), b"".join(some))
            )
            answers = cast("bytes", packed)
            for number, claim in enumerate(some):
                body = answers[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]
                if body != _ABSENT:
                    found[claim] = body
        return found

    async def commit(self, change: LedgerChange) -> None:
        """Write claims and what changed, with the position, or nothing of them.

        Raises `LedgerMovedError` where another writer took the ledger or something was lost, and
        `LogUnavailableError` where Redis does not answer: then take the ledger anew.
        """
        before = self._token()
        self._turn += 1
        await self._run(_COMMIT, before, self._token(), change)

    async def count(self, tallies: Tallies) -> None:
        """Add to the counters of (source, what)."""
        async with self._client.pipeline(transaction=True) as pipeline:
            for field, number in _fields_of(tallies).items():
                pipeline.hincrby(self._key("tallies"), field, number)
            await self._answer(pipeline.execute())

    async def tallies(self) -> dict[tuple[str, str], int]:
        """Return the counters of (source, what)."""
        found = await self._answer(self._client.hgetall(self._key("tallies")))
        return {
            msgspec.json.decode(field, type=tuple[str, str]): int(number)
            for field, number in cast("dict[bytes, bytes]", found).items()
        }

    def _key(self, name: str) -> str:
        return f"holdfast:{{{self._log_id}}}:{name}"

    def _token(self) -> str:
        return f"{self._nonce}:{self._turn}"

    async def _run(
        self, script: str, before: bytes | str, after: str, change: LedgerChange
    ) -> None:
        keys = (self._key("ledger"), self._key("claim:"), self._key("tallies"))
        await self._answer(
            self._client.eval(
                script,
                len(keys),
                *keys,
                before,
                after,
                b"".join(claim + body for claim, body in change.claims),
                str(self._horizon_days * SECONDS_A_DAY),
                msgspec.json.encode(_changed_fields(change)),
                msgspec.json.encode(_fields_of(change.tallies)),
            )
        )

    async def _answer(self, asked: "Awaitable[object] | object") -> object:
        try:
            return await cast("Awaitable[object]", asked)
        except ResponseError as error:
            if "LEDGER moved" in str(error):
                raise LedgerMovedError(
                    "it was wiped, lost its end, or has another writer"
                ) from error
            raise LogUnavailableError(f"Redis refused: {error}") from error
        except (RedisError, OSError) as error:
            raise LogUnavailableError(f"Redis does not answer: {error}; is it up?") from error


def _changed_fields(change: LedgerChange) -> dict[str, str]:
    fields = {f"at:{partition}": str(offset) for partition, offset in change.positions.items()}
    if change.control is not None:
        fields["control"] = str(change.control)
    if change.progress is not None:
        fields["import"] = msgspec.json.encode(change.progress).decode()
    if change.arrivals is not None:
        fields["arrivals"] = msgspec.json.encode(sorted(change.arrivals)).decode()
    return fields


def _state_of(found: Mapping[bytes, bytes]) -> LedgerState:
    progress, arrivals = found.get(b"import"), found.get(b"arrivals", b"[]")
    return LedgerState(
        {
            int(name.removeprefix(b"at:")): int(offset)
            for name, offset in found.items()
            if name.startswith(b"at:")
        },
        int(found.get(b"control", b"0")),
        None if progress is None else msgspec.json.decode(progress, type=ImportProgress),
        frozenset(msgspec.json.decode(arrivals, type=set[Arrival])),
    )


def _fields_of(tallies: Tallies) -> dict[str, int]:
    return {
        msgspec.json.encode(source_and_what).decode(): number
        for source_and_what, number in tallies.items()
    }
