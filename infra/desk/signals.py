"""What the desk makes of a signal: exactly one decision on each, or a place in the line of a pass."""

import datetime
from typing import assert_never

import msgspec

from domain.retention.account import Episodes
from domain.retention.gates import Case, judge, verdict
from domain.retention.priority import (
    RaisingSignal,
    evidence_of,
    priority,
    reason_of,
    service_of,
)
from events import codec
from events.desk import PartitionStood, SupportRemoved
from events.judgements import GateCheck, SignalJudged, SignalKind, Verdict
from events.marks import Emission
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    ClearedBecause,
    CustomerPlaced,
    Placement,
    RiskCleared,
    RiskRaised,
    RiskStanding,
    SignalReason,
    StandingEnded,
)
from events.task_values import SupportEnded, TaskEvidence, TaskId
from events.values import CustomerId
from infra.desk import line, tables
from infra.desk.heard import Heard
from infra.desk.line import Waiting
from infra.desk.office import Office

JUDGED = "judged"
"""Mark of what was raised while a pass is waited for: it supports its task, and is judged already."""

CLEARED = "cleared"
"""Mark of what stood for a pass, and cleared before it was made."""


class SignalDesk:
    """Takes signals in, one after another."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._book = office.book

    def take(self, each: Heard) -> None:
        """Decide on a signal, or keep it for the pass that it belongs to."""
        signal = each.signal
        match signal:
            case AnomalyRaised() | RiskRaised():
                self._at_home(signal.customer_id, signal.placement.account)
                self._raised(each, signal)
            case AnomalyCleared():
                self._cleared(each, signal, signal.reason, SupportEnded.RECOVERED)
            case RiskCleared(because=because):
                gone = because is ClearedBecause.GONE
                ended = SupportEnded.GONE if gone else SupportEnded.RECOVERED
                self._cleared(each, signal, SignalReason.CHURN_RISK, ended)
            case CustomerPlaced():
                self._placed(each, signal)
            case RiskStanding():
                self._kept_for_the_pass(each, signal)
            case StandingEnded(partition=partition):
                ref = each.ref
                self._book.say(PartitionStood(ref.projection, partition, ref.sequence))
            case _ as never:
                assert_never(never)

    def judged(
        self, each: Heard, signal: RaisingSignal, kind: SignalKind, *, waited: bool = False
    ) -> SignalJudged:
        """Ask the gates about a signal. One that waited in line stands today as it did when it came."""
        reason, placement = reason_of(signal), signal.placement
        evidence = evidence_of(signal, self._office.rules.policy)
        episodes = self._episodes(placement.account, reason)
        case = self._case(each, signal, evidence)
        if waited:
            case = msgspec.structs.replace(case, age=0)
        checks = judge(case, episodes, self._office.rules.policy, self._office.now.day)
        found = verdict(checks, episodes)
        task_id = None if episodes is None else episodes.open_task
        about = (placement.account, signal.customer_id, reason, signal.day)
        return self._judgement(
            each, kind, about, found, (checks, task_id), service_of(signal.figures)
        )

    def gone(self, each: Heard, signal: RaisingSignal, waited: Waiting | None = None) -> None:
        """Write down that there is nothing to open: what stood cleared, or waited for another pass."""
        about = (signal.placement.account, signal.customer_id, reason_of(signal), signal.day)
        service = service_of(signal.figures)
        kind, found = SignalKind.STANDING, Verdict.NOTHING_OPEN
        self._decide(self._judgement(each, kind, about, found, ((), None), service), waited)

    def admit(
        self, judged: SignalJudged, signal: RaisingSignal, waited: Waiting | None = None
    ) -> SignalJudged:
        """Do what was decided, and write the decision down with the task that it is about.

        Of what ``waited`` it is the second one: it stands in no line any more.
        """
        reason, placement = reason_of(signal), signal.placement
        evidence = evidence_of(signal, self._office.rules.policy)
        if judged.verdict is Verdict.OPENED:
            task_id = self._office.open_task(placement, reason, evidence)
            judged = msgspec.structs.replace(judged, task_id=task_id)
        elif judged.verdict is Verdict.JOINED and judged.task_id is not None:
            self._office.attach(self._book.open_task(judged.task_id), evidence)
        self._decide(judged, waited)
        if judged.verdict is Verdict.OPENED:
            self._join_from_the_line(placement.account, reason)
        return judged

    def _raised(self, each: Heard, signal: RaisingSignal) -> None:
        ref = each.ref
        barrier = self._book.passes(ref.projection)
        if each.emission is Emission.LIVE and barrier.awaits(ref.partition):
            self._keep(each, signal, barrier.times(ref.partition), JUDGED)
        self.admit(self.judged(each, signal, SignalKind.RAISED), signal)

    def _case(self, each: Heard, signal: RaisingSignal, evidence: TaskEvidence) -> Case:
        reason, policy = reason_of(signal), self._office.rules.policy
        return Case(
            reason=reason,
            placement=signal.placement,
            evidence=evidence,
            value=priority(reason, signal.stake.currency, (evidence,), policy).value,
            emission=each.emission,
            age=max(0, (self._office.now.day - signal.day).days),
        )

    def _cleared(
        self,
        each: Heard,
        signal: AnomalyCleared | RiskCleared,
        reason: SignalReason,
        because: SupportEnded,
    ) -> None:
        customer_id, service = signal.customer_id, service_of(signal.figures)
        account = self._at_home(customer_id, signal.placement.account)
        dropped = (each.ref.projection, customer_id, reason.value, service or "")
        self._book.put(tables.CLEAR_STANDING, dropped)
        for waiting in line.of_customer(self._book, customer_id):
            if (waiting.signal.reason, service_of(waiting.signal.figures)) == (reason, service):
                self.gone(Heard(waiting.ref, waiting.signal), waiting.signal, waiting)
        episodes = self._episodes(account, reason)
        found, task_id = Verdict.NOTHING_OPEN, None
        if episodes is not None and (customer_id, service) in episodes.standing:
            task_id = episodes.open_task
            if task_id is None:
                self._book.say(SupportRemoved(account, reason, customer_id, service))
            else:
                task = self._book.open_task(task_id)
                after = self._office.clear(task, customer_id, service, because)
                found = Verdict.EASED if after.is_open else Verdict.RECOVERED
        about = (account, customer_id, reason, signal.day)
        self._book.decide(
            self._judgement(each, SignalKind.CLEARED, about, found, ((), task_id), service)
        )

    def _placed(self, each: Heard, signal: CustomerPlaced) -> None:
        customer_id, placement = signal.customer_id, signal.placement
        before = self._book.home(customer_id) or placement.account
        moved = False
        for reason in SignalReason:
            episodes = self._episodes(before, reason)
            task_id = None if episodes is None else episodes.open_task
            if task_id is None:
                continue
            task = self._book.open_task(task_id)
            own = [entry for entry in task.standing if entry.customer_id == customer_id]
            if own and before == placement.account:
                self._office.place(task, placement)
            for entry in own if before != placement.account else ():
                self._move(task_id, entry, placement)
            moved = moved or bool(own)
        for waiting in line.of_customer(self._book, customer_id):
            line.move(self._book, waiting, placement)
        self._at_home(customer_id, placement.account)
        found = Verdict.MOVED if moved else Verdict.NOTED
        about = (placement.account, customer_id, None, signal.day)
        self._book.decide(self._judgement(each, SignalKind.PLACED, about, found, ((), None), None))

    def _move(self, task_id: TaskId, entry: TaskEvidence, placement: Placement) -> None:
        """Take evidence along to another account: behind what is open there, or into a new task."""
        task = self._book.open_task(task_id)
        self._office.clear(task, entry.customer_id, entry.service, SupportEnded.MOVED)
        episodes = self._episodes(placement.account, task.reason)
        there = None if episodes is None else episodes.open_task
        if there is None:
            self._office.open_task(placement, task.reason, entry)
        else:
            self._office.attach(self._book.open_task(there), entry)

    def _decide(self, judged: SignalJudged, waited: Waiting | None) -> None:
        if waited is None:
            self._book.decide(judged)
            return
        line.leave(self._book, waited)
        said = msgspec.structs.replace(judged, account=waited.said_under)
        self._book.decide(said, again=True)

    def _join_from_the_line(self, account: str, reason: SignalReason) -> None:
        """Put behind a task that was opened who waits in line for the same account and reason."""
        for waiting in line.of_account(self._book, account, reason):
            each = Heard(waiting.ref, waiting.signal)
            judged = self.judged(each, waiting.signal, SignalKind.STANDING, waited=True)
            self.admit(judged, waiting.signal, waiting)

    def _kept_for_the_pass(self, each: Heard, signal: RiskStanding) -> None:
        ref = each.ref
        self._at_home(signal.customer_id, signal.placement.account)
        number = self._book.passes(ref.projection).times(ref.partition) + 1
        self._keep(each, signal, number, ref.emission)

    def _keep(self, each: Heard, signal: RaisingSignal, number: int, emission: str) -> None:
        ref = each.ref
        row = (
            ref.projection,
            number,
            signal.customer_id,
            reason_of(signal).value,
            service_of(signal.figures) or "",
            signal.stake.amount,
            ref.partition,
            ref.sequence,
            emission,
            codec.encode(signal),
        )
        self._book.put(tables.PUT_STANDING, row)

    def _judgement(
        self,
        each: Heard,
        kind: SignalKind,
        about: tuple[str, CustomerId, SignalReason | None, datetime.date],
        found: Verdict,
        why: tuple[tuple[GateCheck, ...], TaskId | None],
        service: str | None,
    ) -> SignalJudged:
        account, customer_id, reason, day = about
        checks, task_id = why
        return SignalJudged(
            account=account,
            customer_id=customer_id,
            reason=reason,
            day=day,
            kind=kind,
            verdict=found,
            gates=checks,
            task_id=task_id,
            signal=each.ref,
            at=self._office.now.at,
            policy=self._office.rules.policy_hash,
            service=service,
        )

    def _episodes(self, account: str, reason: SignalReason) -> Episodes | None:
        return self._book.account(account).reasons.get(reason)

    def _at_home(self, customer_id: CustomerId, account: str) -> str:
        """Keep the account that a customer is in now; return it."""
        self._book.keep_home(customer_id, account)
        return account
