"""Whatever happens at a desk: nobody is forgotten in line, and all that is kept is what events say."""

import asyncio
import tempfile
from pathlib import Path

import hypothesis
import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.retention.commands import Accept, Close, Decline, PeoplesCommand
from domain.retention.policy import Policy
from domain.retention.task import OPEN_STATES, RetentionTask, TaskState
from events.task_values import DeclineReason, Outcome
from infra.desk.port import Done
from infra.desk.reading import InboxQuery
from tests.support.desks import ANN, BEN, DeskWorld, desk_world, holds, in_sqlite, placed

LIMIT = 2
CUSTOMERS = st.integers(1, 8)
ACCOUNTS = st.sampled_from([None, "ACME"])
OWNERS = st.sampled_from([None, ANN, BEN])


class DeskMachine(RuleBasedStateMachine):
    """A desk of two managers, and eight customers who go quiet, come back, move and are worked on."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner()
        opened = desk_world(in_sqlite(Path(self._folder.name)), Policy(opening_limit=LIMIT))
        self._opened = opened
        self.world: DeskWorld = self._runner.run(opened.__aenter__())
        self.quiet: set[int] = set()

    def teardown(self) -> None:
        self._runner.run(self._opened.__aexit__(None, None, None))
        self._runner.close()
        self._folder.cleanup()

    def hear(self, *events: msgspec.Struct) -> None:
        self._runner.run(self.world.hear(*events))

    def tasks(self, *states: TaskState) -> list[RetentionTask]:
        query = InboxQuery(states=states or OPEN_STATES)
        return list(self._runner.run(self.world.reader.inbox(query)).tasks)

    def command(self, command: PeoplesCommand) -> None:
        self._runner.run(self.world.desk.execute(command))

    @initialize(stakes=st.lists(st.integers(40_000, 90_000), min_size=5, max_size=8))
    def first_pass(self, stakes: list[int]) -> None:
        self.quiet = set(range(1, len(stakes) + 1))
        self.hear(*(self.world.standing(n, stake=s) for n, s in enumerate(stakes, 1)))
        self._runner.run(self.world.ended())

    @rule(account=ACCOUNTS, owner=OWNERS)
    def another_pass(self, account: str | None, owner: str | None) -> None:
        standing = [self.world.standing(n, placed(n, account, owner)) for n in sorted(self.quiet)]
        self.hear(*standing)
        self._runner.run(self.world.ended())

    @rule(number=CUSTOMERS, account=ACCOUNTS)
    def goes_quiet(self, number: int, account: str | None) -> None:
        if number not in self.quiet:
            self.quiet.add(number)
            self.hear(self.world.raised(number, placed(number, account)))

    @rule(number=CUSTOMERS)
    def orders_again(self, number: int) -> None:
        if number in self.quiet:
            self.quiet.discard(number)
            self.hear(self.world.cleared(number))

    @rule(number=CUSTOMERS, account=ACCOUNTS, owner=OWNERS)
    def moves(self, number: int, account: str | None, owner: str | None) -> None:
        self.hear(self.world.moved(number, placed(number, account, owner)))

    @rule(outcome=st.sampled_from([Outcome.FALSE_ALARM, Outcome.UNREACHABLE]))
    def is_worked_on(self, outcome: Outcome) -> None:
        for task in self.tasks(TaskState.OFFERED)[:1]:
            code = str(task.manager)
            done = self._runner.run(self.world.desk.execute(Accept(self.world.about(task, code))))
            assert isinstance(done, Done)
            self.command(Close(self.world.about(done.task, code), outcome))

    @rule()
    def is_declined(self) -> None:
        for task in self.tasks(TaskState.OFFERED)[:1]:
            about = self.world.about(task, str(task.manager))
            self.command(Decline(about, DeclineReason.NO_TIME))

    @rule(days=st.sampled_from([1, 9]))
    def days_pass(self, days: int) -> None:
        self.world.later(days)
        self._runner.run(self.world.desk.tick())

    @invariant()
    def everything_holds(self) -> None:
        self._runner.run(holds(self.world))

    @invariant()
    def nobody_waits_for_whom_there_is_room(self) -> None:
        rows = self._runner.run(self.world.reader.fetch("SELECT count(*) FROM desk_line"))
        managers = self._runner.run(self.world.reader.managers())
        takers = [each.code for each in managers if each.room and len(each.tasks) < LIMIT]
        assert rows == [(0,)] or takers == [], f"{takers} could take what waits"


DeskMachine.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
TestTheLine = DeskMachine.TestCase
