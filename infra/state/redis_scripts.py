"""What Redis does in one step, as Lua: take a lease, commit, give the lease back.

A script runs alone and is written to the append-only file as one transaction, so a server that is
killed has all of it or nothing.
"""

import hashlib

import msgspec
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

Argument = str | bytes | int


class Script(msgspec.Struct, frozen=True):
    """A script that Redis knows by its digest, once it was sent."""

    text: str

    @property
    def digest(self) -> str:
        """The SHA-1 that Redis keeps it under."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def run(
        self, client: Redis, keys: tuple[str, ...], arguments: list[Argument]
    ) -> list[bytes | None]:
        """Run it, sending it where Redis does not know it (any more): then nothing has run yet."""
        try:
            found = await client.evalsha(self.digest, len(keys), *keys, *arguments)
        except NoScriptError:
            found = await client.eval(self.text, len(keys), *keys, *arguments)
        return list(found)


TAKE = Script("""
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] then
    return {found, false}
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
return {ARGV[1], redis.call('GET', KEYS[3])}
""")
"""Keys: identity, lease, position. Arguments: identity, nonce.

Returns the identity found and the position; the lease is taken only where the identity is equal.
"""

COMMIT = Script("""
local lease = redis.call('GET', KEYS[1])
local position = redis.call('GET', KEYS[2])
if lease ~= ARGV[1] or (position or '') ~= ARGV[2] then
    return {lease, position}
end
local at = 9
local function write(command, key, count)
    local last = at + count - 1
    while at <= last do
        local till = math.min(at + 1999, last)
        redis.call(command, key, unpack(ARGV, at, till))
        at = till + 1
    end
end
write('HSET', KEYS[3], tonumber(ARGV[4]))
write('ZADD', KEYS[4], tonumber(ARGV[5]))
write('ZREM', KEYS[4], tonumber(ARGV[6]))
write('ZADD', KEYS[5], tonumber(ARGV[7]))
write('ZREM', KEYS[5], tonumber(ARGV[8]))
while at < #ARGV do
    redis.call('HSETNX', KEYS[6], ARGV[at], ARGV[at + 1])
    at = at + 2
end
redis.call('SET', KEYS[2], ARGV[3])
return {}
""")
"""Keys: lease, position, states, due, standing, quarantine. Arguments: nonce, expected position
(empty for none), new position, five counts of arguments; then (id, state) pairs, (day, id) pairs,
ids not due, (0, id) pairs, ids without a standing, and (id, entry) pairs of the quarantine.

Returns nothing; or, where nothing was written, the lease and the position that it found. `unpack`
takes some thousand values at most, and 2,000 cuts no pair.
"""

RELEASE = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('DEL', KEYS[1])
end
return {}
""")
"""Key: lease. Argument: nonce. Deletes the lease where it is this one."""
