"""The soak: one fault after the other on one site, and after each a check of everything."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from statistics import median

import msgspec
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.soak.checker import Checker
from tests.faults.soak.clerk import work
from tests.faults.soak.faults import KINDS
from tests.faults.soak.findings import Wrong
from tests.faults.soak.reading import FACTS, LogCopy, Record
from tests.faults.soak.scene import Scene
from tests.faults.soak.senders import Senders
from tests.faults.soak.site import PARTITIONS, Member, site_in

SECONDS_TO_BE_WELL = 180.0
SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_BETWEEN_BATCHES = 0.1
SECONDS_A_DAY_OF_PEACE = 1.3


class Outcome(msgspec.Struct, frozen=True):
    """One fault, what the check after it found, and in how many seconds all was well again."""

    kind: str
    recovery: float
    found: dict[Wrong, int]


def plan(faults: int, random: Random) -> list[str]:
    """Return kinds in an order that the random numbers give, each as often as every other."""
    kinds: list[str] = []
    while len(kinds) < faults:
        kinds += random.sample(list(KINDS), len(KINDS))
    return kinds[:faults]


class Soak:
    """A site under load, and who checks it."""

    def __init__(self, scene: Scene, copy: LogCopy, senders: Senders, redis: Redis) -> None:
        self.site = scene.site
        self.senders = senders
        self.checker = scene.checker
        self.copy = copy
        self.redis = redis
        self._scene = scene

    def live_in_peace(self, days: int) -> None:
        """Let days pass without faults."""
        for _ in range(days):
            self.site.next_day()
            time.sleep(SECONDS_A_DAY_OF_PEACE)

    def suffer(self, *kinds: str) -> Outcome:
        """Do faults, one right after the other, wait until all is well again, and check everything."""
        for kind in kinds:
            KINDS[kind](self._scene)
        recovery = self.until_well()
        outcome = Outcome(" + ".join(kinds), recovery, self.checked())
        work(self.site)
        self.site.next_day()
        self.senders.go_on()
        return outcome

    def until_well(self) -> float:
        """Return after how many seconds new facts are acknowledged and in effect, and all is ready.

        Nothing is sent after that. Raises ``AssertionError`` with what every process says of itself.
        """
        begun = time.monotonic()
        self.senders.quiet()
        while (missing := self._missing()) is not None:
            if time.monotonic() - begun > SECONDS_TO_BE_WELL:
                raise AssertionError(f"not well again: {missing}; {self.site.said()}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return time.monotonic() - begun

    def checked(self) -> dict[Wrong, int]:
        """Check everything; return what was found since the last time."""
        self.checker.check(self.senders.acknowledged())
        return self.checker.findings.taken()

    def verified(self) -> str:
        """What the product's own verification makes of it, in words; its last line is the digest."""
        ended = self.site.run("verify")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def fresh_checker(self) -> Checker:
        """A checker that has checked nothing yet."""
        fresh = Checker(self.copy, self.redis, self.site.postgres_settings().conninfo)
        fresh.poisoned = self.checker.poisoned
        return fresh

    def said(self) -> list[list[Record]]:
        """What was said on ``crm.signals``, by partition."""
        return [self.copy.records["crm.signals", number] for number in range(PARTITIONS)]

    def _missing(self) -> str | None:
        """What is not well yet."""
        waiting = [
            member.name for member in self.site.members.values() if not self._is_well(member)
        ]
        if waiting:
            return f"not ready: {', '.join(waiting)}"
        self.copy.catch_up()
        if self.checker.today() != self.site.today():
            return f"{self.site.today()} is not opened"
        absent = self.checker.absent(self.senders.acknowledged())
        if absent:
            return f"not in the log: {absent[:3]}"
        ends = [self.copy.end(FACTS, number) for number in range(self.copy.partitions)]
        if (found := self.checker.positions()) != ends:
            return f"folded up to {found} of {ends}"
        left = self.checker.desk.missing() or self.checker.inbox.missing()
        if left is not None:
            return left
        self.copy.catch_up()
        if ends != [self.copy.end(FACTS, number) for number in range(self.copy.partitions)]:
            return "an outcome became a fact just now"
        return None if self.checker.archive.is_fed() else "the archive is behind"

    def _is_well(self, member: Member) -> bool:
        ready = self.site.is_ready(member)
        return ready or (member.role == "ingest" and self.site.writer() is not None)


@contextmanager
def soak_in(folder: Path, seed: int, pause: float, *, brisk: bool = False) -> Iterator[Soak]:
    """Start all of it in a folder; nothing is left running in the end.

    ``pause`` is how long a broker is frozen, in seconds. Of ``brisk`` processes a silent one is taken
    for dead sooner than in the product, and less is sent to them.
    """
    with ExitStack() as opened:
        site = opened.enter_context(site_in(folder, brisk=brisk))
        redis = opened.enter_context(Redis(port=site.redis.port, retry=Retry(NoBackoff(), 3)))
        copy = LogCopy(site.settings(), PARTITIONS)
        checker = Checker(copy, redis, site.postgres_settings().conninfo)
        site.start()
        senders = Senders(site, seed, SECONDS_BETWEEN_BATCHES * (1 + 2 * brisk))
        opened.callback(senders.end)
        yield Soak(Scene(site, checker, Random(seed), pause), copy, senders, redis)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a Markdown table of the outcomes by kind, and a line of all."""
    head = ["fault", "times", *Wrong, "well again after, median", "worst"]
    rows = [
        _row(kind, [outcome for outcome in outcomes if outcome.kind == kind])
        for kind in dict.fromkeys(sorted(outcome.kind for outcome in outcomes))
    ]
    lines = [head, ["---"] * len(head), *rows, _row("all", outcomes)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    seconds = [outcome.recovery for outcome in outcomes]
    found = [str(sum(outcome.found[wrong] for outcome in outcomes)) for wrong in Wrong]
    return [name, str(len(outcomes)), *found, f"{median(seconds):.1f} s", f"{max(seconds):.1f} s"]
