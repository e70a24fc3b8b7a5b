"""The registry that the product uses: every published type. Names never change nor go away."""

from events import (
    complaints,
    control,
    customers,
    interactions,
    judgements,
    marks,
    orders,
    profiles,
    retention,
    signals,
    snapshots,
    superseded,
    tasks,
    tasks_v1,
    usage,
)
from events.registry import EventType, Registry, Role, Upcaster

FACTS = "crm.facts"
CONTROL = "crm.control"
SNAPSHOTS = "crm.snapshots"
SIGNALS = "crm.signals"
PROFILES = "crm.profiles"
DEAD_LETTERS = "crm.dead-letters"
INTAKE = "crm.intake"
TASKS = "crm.tasks"
DERIVED_TOPICS = (SIGNALS, PROFILES, SNAPSHOTS)
"""What projections say: as many partitions as facts, and the same keys."""

OUTPUT_TOPICS = (*DERIVED_TOPICS, TASKS)
"""Everything that is said inside: by projections, and by the desk about its tasks."""

TYPES = (
    EventType(
        "crm.customer.registered.v1", customers.CustomerRegistered, Role.MASTER_DATA, (FACTS,)
    ),
    EventType("crm.customer.changed.v1", customers.CustomerChanged, Role.MASTER_DATA, (FACTS,)),
    EventType("crm.account.assigned.v1", customers.AccountAssigned, Role.MASTER_DATA, (FACTS,)),
    EventType("crm.order.placed.v1", orders.OrderPlaced, Role.BEHAVIOUR, (FACTS,)),
    EventType("crm.order.returned.v1", orders.OrderReturned, Role.BEHAVIOUR, (FACTS,)),
    EventType("crm.usage.recorded.v1", usage.UsageRecorded, Role.BEHAVIOUR, (FACTS,)),
    EventType(
        "crm.interaction.recorded.v1", interactions.InteractionRecorded, Role.BEHAVIOUR, (FACTS,)
    ),
    EventType("crm.complaint.opened.v1", complaints.ComplaintOpened, Role.BEHAVIOUR, (FACTS,)),
    EventType("crm.complaint.resolved.v1", complaints.ComplaintResolved, Role.BEHAVIOUR, (FACTS,)),
    EventType("crm.complaint.reopened.v1", complaints.ComplaintReopened, Role.BEHAVIOUR, (FACTS,)),
    EventType("crm.retention.closed.v1", retention.RetentionClosed, Role.BEHAVIOUR, (FACTS,)),
    EventType("crm.day.opened.v2", marks.DayOpened, Role.MARK, (FACTS, CONTROL)),
    EventType("crm.emitting.v1", marks.Emitting, Role.MARK, (FACTS, CONTROL)),
    EventType("crm.log.created.v1", control.LogCreated, Role.CONTROL, (CONTROL,)),
    EventType("crm.clock.mode-set.v1", control.ClockModeSet, Role.CONTROL, (CONTROL,)),
    EventType("crm.source.scheduled.v1", control.SourceScheduled, Role.CONTROL, (CONTROL,)),
    EventType("crm.projection.created.v1", control.ProjectionCreated, Role.CONTROL, (CONTROL,)),
    EventType("crm.import.started.v1", control.ImportStarted, Role.CONTROL, (CONTROL,)),
    EventType("crm.import.ended.v1", control.ImportEnded, Role.CONTROL, (CONTROL,)),
    EventType("crm.model.decided.v1", control.ModelDecided, Role.CONTROL, (CONTROL,)),
    EventType("crm.anomaly.raised.v3", signals.AnomalyRaised, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.anomaly.cleared.v2", signals.AnomalyCleared, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.risk.raised.v1", signals.RiskRaised, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.risk.cleared.v1", signals.RiskCleared, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.risk.standing.v3", signals.RiskStanding, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.standing.ended.v1", signals.StandingEnded, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.customer.placed.v1", signals.CustomerPlaced, Role.OUTPUT, (SIGNALS,)),
    EventType("crm.customer.card.v3", profiles.CustomerCard, Role.OUTPUT, (PROFILES,)),
    EventType("crm.snapshot.taken.v1", snapshots.SnapshotTaken, Role.OUTPUT, (SNAPSHOTS,)),
    EventType("crm.day.closed.v1", snapshots.DayClosed, Role.OUTPUT, (SNAPSHOTS,)),
    EventType("crm.task.raised.v2", tasks.TaskRaised, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.evidence-added.v2", tasks.EvidenceAdded, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.evidence-cleared.v1", tasks.EvidenceCleared, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.offered.v1", tasks.TaskOffered, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.accepted.v1", tasks.TaskAccepted, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.claimed.v1", tasks.TaskClaimed, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.declined.v1", tasks.TaskDeclined, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.offer-timed-out.v1", tasks.OfferTimedOut, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.contact-logged.v1", tasks.ContactLogged, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.noted.v1", tasks.TaskNoted, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.snoozed.v1", tasks.TaskSnoozed, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.woken.v1", tasks.TaskWoken, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.reassigned.v1", tasks.TaskReassigned, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.placed.v1", tasks.TaskPlaced, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.closed.v1", tasks.TaskClosed, Role.OUTPUT, (TASKS,)),
    EventType("crm.task.reopened.v1", tasks.TaskReopened, Role.OUTPUT, (TASKS,)),
    EventType("crm.signal.judged.v1", judgements.SignalJudged, Role.OUTPUT, (TASKS,)),
)
UPCASTERS: tuple[Upcaster, ...] = (
    Upcaster.of(
        "crm.customer.card.v1",
        superseded.CustomerCardV1,
        "crm.customer.card.v2",
        superseded.card_v2_of,
    ),
    Upcaster.of(
        "crm.customer.card.v2",
        superseded.CustomerCardV2,
        "crm.customer.card.v3",
        superseded.card_v3_of,
    ),
    Upcaster.of(
        "crm.day.opened.v1",
        superseded.DayOpenedV1,
        "crm.day.opened.v2",
        superseded.day_opened_v2_of,
    ),
    Upcaster.of(
        "crm.anomaly.raised.v1",
        superseded.AnomalyRaisedV1,
        "crm.anomaly.raised.v2",
        superseded.anomaly_raised_v2_of,
    ),
    Upcaster.of(
        "crm.anomaly.cleared.v1",
        superseded.AnomalyClearedV1,
        "crm.anomaly.cleared.v2",
        superseded.anomaly_cleared_v2_of,
    ),
    Upcaster.of(
        "crm.risk.standing.v1",
        superseded.RiskStandingV1,
        "crm.risk.standing.v2",
        superseded.risk_standing_v2_of,
    ),
    Upcaster.of(
        "crm.anomaly.raised.v2",
        superseded.AnomalyRaisedV2,
        "crm.anomaly.raised.v3",
        superseded.anomaly_raised_v3_of,
    ),
    Upcaster.of(
        "crm.risk.standing.v2",
        superseded.RiskStandingV2,
        "crm.risk.standing.v3",
        superseded.risk_standing_v3_of,
    ),
    Upcaster.of(
        "crm.task.raised.v1",
        tasks_v1.TaskRaisedV1,
        "crm.task.raised.v2",
        tasks_v1.task_raised_v2_of,
    ),
    Upcaster.of(
        "crm.task.evidence-added.v1",
        tasks_v1.EvidenceAddedV1,
        "crm.task.evidence-added.v2",
        tasks_v1.evidence_added_v2_of,
    ),
)

REGISTRY = Registry(TYPES, UPCASTERS)
