"""What every fault has: a site, somebody who checks it, chance, and ways to kill a process of a role."""

import signal
import time
from collections.abc import Callable
from itertools import count
from random import Random

import msgspec

from tests.faults.soak.checker import Checker
from tests.faults.soak.clerk import work
from tests.faults.soak.moments import Act, Moment
from tests.faults.soak.site import Member, Site
from tests.support.cluster import until

SECONDS_TO_COME_BY = 60.0
SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_TO_MOVE = 60.0
SECONDS_OF_WORK = 1.0
SECONDS_OF_A_VISIT = 3.0


class Scene(msgspec.Struct):
    """What faults are done to. ``pause`` is how long servers are frozen, in seconds."""

    site: Site
    checker: Checker
    random: Random
    pause: float
    turns: dict[str, "count[int]"] = {}

    def work_on(self) -> None:
        """Let things go on for a moment of a length that nobody knows."""
        time.sleep(self.random.uniform(0.0, SECONDS_OF_WORK))

    def turn(self, kind: str, of: int) -> int:
        """Return 1 to ``of``, the next one each time a kind is asked for."""
        return next(self.turns.setdefault(kind, count(self.random.randrange(of)))) % of + 1

    def any_of(self, role: str) -> Member:
        return self.random.choice(self.site.of(role))


Fault = Callable[[Scene], None]


def killed(role: str) -> Fault:
    """Kill a process of a role at any moment."""

    def fault(scene: Scene) -> None:
        scene.work_on()
        scene.any_of(role).kill()

    return fault


def at_a_wait(role: str, path: str, waits: int, act: Act = Act.DIE) -> Fault:
    """Let a process of a role die, or lose its connections, at the next wait of a path."""

    def fault(scene: Scene) -> None:
        moment = Moment(path, scene.turn(path, waits), act)
        armed = scene.site.arm(role, moment)
        _provoke(scene, path)
        deadline = time.monotonic() + SECONDS_TO_COME_BY
        asked = time.monotonic()
        while armed.exists():
            if path == "tell" and time.monotonic() > asked + SECONDS_OF_A_VISIT:
                asked = time.monotonic()
                _close_some(scene.site)
            assert time.monotonic() < deadline, (
                f"{role} never came by {moment}: {scene.site.said()}"
            )
            time.sleep(SECONDS_BETWEEN_LOOKS)

    return fault


def _provoke(scene: Scene, path: str) -> None:
    match path:
        case "open a day" | "decide" | "learned":
            scene.site.next_day()
        case "take over":
            writer_of(scene.site).kill()
        case "take up":
            scene.any_of("profiles").kill()
        case _:
            return


def writer_of(site: Site) -> Member:
    """The ingest that writes, once there is one."""
    found: list[Member | None] = []
    until(lambda: found.append(site.writer()) or found[-1] is not None, SECONDS_TO_MOVE)
    assert found[-1] is not None
    return found[-1]


def freeze(member: Member) -> None:
    member.frozen = True
    member.signal(signal.SIGSTOP)


def thaw(member: Member) -> None:
    member.signal(signal.SIGCONT)
    member.frozen = False


def _close_some(site: Site) -> None:
    """Let somebody close tasks; there may be none as yet, so a day passes too."""
    if not work(site):
        site.next_day()
