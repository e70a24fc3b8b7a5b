"""The inbox, a task, and why there is none, on the screen."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from domain.retention.task import RetentionTask, TaskState
from events.judgements import GateCheck, SignalJudged, Verdict
from events.task_values import TaskEvidence
from events.values import Money
from infra.desk.reading import InLine, TaskRecord
from infra.messages.catalogue import Catalogue
from services.ops.desk import InboxRow, InboxView, TaskView, WhyView
from services.ops.rendering.figure_words import likelihood_percent, share_words
from services.ops.rendering.gate_wording import check_sentence, signed_money, whole_signed
from services.ops.rendering.grids import add_row, heading, indented, label_rows, stacked, table
from services.ops.rendering.safe import plain
from services.ops.rendering.task_wording import (
    evidence_sentence,
    kind_said,
    outcome_words,
    source_words,
    state_words,
    verdict_words,
)
from services.ops.rendering.wording import customer_name, reason_name

ID_SHOWN = 8


def render_inbox(view: InboxView, catalogue: Catalogue, zone: ZoneInfo) -> RenderableType:
    """Return tasks in the order to work on them, or what happens next where there are none."""
    if not view.rows:
        return Group(
            plain(catalogue.say("No task wants anything."), "green"), *_next(view, catalogue)
        )
    made = table(
        catalogue.say("Task"),
        catalogue.say("Customer"),
        catalogue.say("Why"),
        catalogue.say("Priority"),
        catalogue.say("At stake"),
        catalogue.say("Due"),
        catalogue.say("State"),
        right=(3, 4),
        whole=(0,),
    )
    for row in view.rows:
        add_row(made, *_cells(row, catalogue, zone))
    counted = catalogue.joined(
        [
            f"{state_words(state, catalogue)} {catalogue.number(view.counts.tasks.get(state, 0))}"
            for state in TaskState
        ]
    )
    parts: list[RenderableType] = [plain(counted, "bold"), Text(), made]
    if view.more:
        parts.append(plain(catalogue.say("There are more; --limit shows them."), "dim"))
    return Group(*parts)


def render_task(view: TaskView, catalogue: Catalogue, zone: ZoneInfo) -> RenderableType:
    """Return a task: what it is worth and why, and what happened to it."""
    task = view.task
    rows = [
        (catalogue.say("Customer"), customer_name(view.customer)),
        (catalogue.say("Account"), task.account),
        (catalogue.say("Why"), _why(task, catalogue)),
        (catalogue.say("State"), _state(task, catalogue)),
        (catalogue.say("Due"), catalogue.time(task.due, zone)),
        (catalogue.say("Priority"), priority_sentence(task, catalogue)),
        *((catalogue.say("Probability"), _source(entry, catalogue)) for entry in task.standing),
        (catalogue.say("Version"), catalogue.number(task.version)),
        (catalogue.say("Task policy"), task.policy),
    ]
    steps = [
        (
            catalogue.time(record.event.task.at, zone),
            f"{_step_name(record)} {record.event.task.actor.code}",
        )
        for record in view.history
    ]
    return Group(
        heading(catalogue.say("Task {id}", id=task.task_id)),
        indented(label_rows(rows)),
        Text(),
        heading(catalogue.say("What happened")),
        indented(label_rows(steps)),
    )


def why_lines(view: WhyView, catalogue: Catalogue) -> list[str]:
    """Return why a customer has the tasks it has, or none, line by line."""
    lines = [_open(task, catalogue) for task in view.tasks]
    lines = lines or [catalogue.say("No task is open.")]
    lines += [_in_line(each, catalogue) for each in view.in_line]
    lines += [] if view.judgements else _no_signal(view, catalogue)
    for judged in view.judgements:
        lines.append(_decision(judged, catalogue))
        lines += [text.plain for text in _checks(judged, view, catalogue)]
    return lines


def render_why(view: WhyView, catalogue: Catalogue) -> RenderableType:
    """Return why a customer has the tasks it has, or none, gate by gate."""
    parts: list[RenderableType] = [heading(customer_name(view.customer))]
    parts += [indented(plain(_open(task, catalogue), "bold")) for task in view.tasks]
    if not view.tasks:
        parts.append(indented(plain(catalogue.say("No task is open."))))
    parts += [indented(plain(_in_line(each, catalogue), "bold")) for each in view.in_line]
    if not view.judgements:
        parts += [indented(plain(line)) for line in _no_signal(view, catalogue)]
    for judged in view.judgements:
        parts += [Text(), indented(plain(_decision(judged, catalogue)))]
        parts += [indented(line, 4) for line in _checks(judged, view, catalogue)]
    return Group(*parts)


def priority_sentence(task: RetentionTask, catalogue: Catalogue) -> str:
    """Return a priority with everything it is made of: "(50 % of £120.00) · 25 % - £20.00 = £-5.00"."""
    priority = task.priority
    parts = [
        catalogue.say(
            "{probability} of {stake}",
            probability=likelihood_percent(part.probability, catalogue),
            stake=Money(part.stake, priority.currency),
        )
        for part in priority.parts
    ]
    return catalogue.say(
        "({parts}) · {save_rate} saved - {cost} = {value}",
        parts=" + ".join(parts) or "0",
        save_rate=share_words(priority.save_rate, catalogue),
        cost=Money(priority.cost, priority.currency),
        value=signed_money(priority.value, priority.currency, catalogue),
    )


def _cells(row: InboxRow, catalogue: Catalogue, zone: ZoneInfo) -> list[Text | str]:
    task = row.task
    stake = sum(part.stake for part in task.priority.parts)
    others = len(task.customers) - 1
    names = [customer_name(row.customer)]
    if others:
        names.append(catalogue.say_plural("and {number} other", "and {number} others", others))
    return [
        task.task_id[:ID_SHOWN],
        stacked(*names),
        _why(task, catalogue),
        whole_signed(task.priority.value, task.priority.currency, catalogue),
        catalogue.whole_money(Money(stake, task.priority.currency)),
        catalogue.time(task.due, zone),
        _state(task, catalogue),
    ]


def _why(task: RetentionTask, catalogue: Catalogue) -> str:
    if not task.standing:
        return reason_name(task.reason, catalogue)
    return evidence_sentence(task.reason, task.standing[-1], catalogue)


def _source(entry: TaskEvidence, catalogue: Catalogue) -> str:
    """Return where the probability of a piece of evidence comes from: "3 %, the model's, 68776c2e"."""
    likely = likelihood_percent(entry.probability, catalogue)
    model = [] if entry.score is None else [entry.score.model[:ID_SHOWN]]
    return catalogue.joined([likely, source_words(entry.source, catalogue), *model])


def _step_name(record: TaskRecord) -> str:
    """Return the short name of an event, whatever its version: "evidence-added"."""
    return record.type.removeprefix("crm.task.").rpartition(".v")[0]


def _state(task: RetentionTask, catalogue: Catalogue) -> str:
    said = state_words(task.state, catalogue)
    if task.outcome is not None:
        return catalogue.joined([said, outcome_words(task.outcome, catalogue)])
    return said if task.manager is None else catalogue.joined([said, task.manager])


def _open(task: RetentionTask, catalogue: Catalogue) -> str:
    return catalogue.say(
        "Task {id}, {state}: {reason}",
        id=task.task_id[:ID_SHOWN],
        state=_state(task, catalogue),
        reason=reason_name(task.reason, catalogue),
    )


def _decision(judged: SignalJudged, catalogue: Catalogue) -> str:
    reason = "" if judged.reason is None else reason_name(judged.reason, catalogue)
    return catalogue.say(
        "{day}, {reason} {kind}: {verdict}",
        day=judged.day,
        reason=reason,
        kind=kind_said(judged.kind, catalogue),
        verdict=verdict_words(judged.verdict, catalogue),
    )


def _in_line(waits: InLine, catalogue: Catalogue) -> str:
    return catalogue.say(
        "{reason}: waits in line, {before} before it; its turn comes as managers finish tasks.",
        reason=reason_name(waits.reason, catalogue),
        before=waits.before,
    )


def _checks(judged: SignalJudged, view: WhyView, catalogue: Catalogue) -> Sequence[Text]:
    currency = view.currency
    shown = [check for check in judged.gates if _tells(check)]
    marks = ["✓" if check.passed else "✗" for check in shown]
    stopped = judged.verdict is Verdict.WITHHELD
    return [
        plain(
            f"{mark} {check_sentence(check, currency, catalogue)}",
            "red" if stopped and not check.passed else "dim",
        )
        for mark, check in zip(marks, shown, strict=True)
    ]


def _tells(check: GateCheck) -> bool:
    """Tell whether there was anything to be passed."""
    return not check.passed or (check.actual is not None and check.needed is not None)


def _no_signal(view: WhyView, catalogue: Catalogue) -> list[str]:
    lines = [catalogue.say("No signal was ever raised of this customer.")]
    if view.score is not None:
        lines.append(
            catalogue.say(
                "A risk is raised at log-odds of {needed}; its score is {actual}.",
                needed=catalogue.number(view.score.needed, 2),
                actual=catalogue.number(view.score.log_odds, 2),
            )
        )
    return lines


def _next(view: InboxView, catalogue: Catalogue) -> list[RenderableType]:
    if view.waiting.wakes is None:
        return []
    return [plain(catalogue.say("The next one wakes on {day}.", day=view.waiting.wakes), "dim")]
