"""What is done to alerts and the console: killed at every step between a signal and an outcome, frozen, parted anew."""

import signal

from tests.faults.soak.moments import Act
from tests.faults.soak.scene import (
    SECONDS_TO_COME_BY,
    SECONDS_TO_MOVE,
    Fault,
    Scene,
    at_a_wait,
    freeze,
    killed,
    thaw,
)
from tests.faults.soak.site import Member, Site
from tests.support.cluster import until


def alerts_come_and_go(scene: Scene) -> None:
    """Signals are parted anew again and again, while they come."""
    for goodbye in (signal.SIGTERM, signal.SIGKILL):
        joining = scene.site.add("alerts")
        until(lambda member=joining: _takes(scene.site, member), SECONDS_TO_MOVE)
        joining.wanted = False
        joining.signal(goodbye)
        until(lambda member=joining: not member.alive, SECONDS_TO_COME_BY)
        scene.site.remove(joining)


def zombie_leader(scene: Scene) -> None:
    """Who leads the desk freezes, another leads on; then the first wakes up."""
    found: list[Member] = []
    until(lambda: bool(found.extend(_leaders(scene.site)) or found), SECONDS_TO_MOVE)
    frozen = found[0]
    freeze(frozen)
    until(lambda: bool(_leaders(scene.site)), SECONDS_TO_MOVE)
    thaw(frozen)


def _leaders(site: Site) -> list[Member]:
    """The alerts that say that they lead, of those that answer."""
    return [
        member
        for member in site.of("alerts")
        if not member.frozen and "holdfast_desk_leads 1.0" in site.metrics(member)
    ]


def _takes(site: Site, member: Member) -> bool:
    """Whether alerts have been given partitions."""
    return "holdfast_halted{" in site.metrics(member)


DESK_KINDS: dict[str, Fault] = {
    "alerts killed": killed("alerts"),
    "alerts killed at a wait of a decision": at_a_wait("alerts", "take", 4),
    "alerts killed inside their transaction": at_a_wait("alerts", "turn", 3),
    "alerts killed at a wait of the relay": at_a_wait("alerts", "relay", 3),
    "alerts killed at a wait of an outcome": at_a_wait("alerts", "tell", 5),
    "alerts come and go": alerts_come_and_go,
    "leader of the desk frozen, wakes behind its successor": zombie_leader,
    "console killed": killed("console"),
    "console killed at a wait while it follows tasks": at_a_wait("console", "follow", 6),
    "connection cut inside alerts' produce": at_a_wait("alerts", "publish", 1, Act.CUT),
}
