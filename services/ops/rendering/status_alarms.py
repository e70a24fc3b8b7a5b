"""What somebody should do something about, before everything else that `holdfast status` says."""

from infra.messages.catalogue import Catalogue
from services.ops.rendering.model_status import model_alarms
from services.ops.status import ProjectionStatus, Status


def alarms(view: Status, catalogue: Catalogue) -> list[str]:
    """Return one sentence for each thing that is not as it should be."""
    found = []
    if view.holder is not None and view.holder.halted is not None:
        found.append(
            catalogue.say("The profiles stand still: {reason}.", reason=view.holder.halted)
        )
    if view.import_under_way is not None:
        found.append(
            catalogue.say(
                "Import {import_id} is under way, the door is shut: repeat its command to finish"
                " it, or `holdfast import --abandon`.",
                import_id=view.import_under_way.import_id,
            )
        )
    if view.archive_behind:
        found.append(
            catalogue.say_plural(
                "The archive is {number} record behind Kafka: `holdfast archive` feeds it.",
                "The archive is {number} records behind Kafka: `holdfast archive` feeds it.",
                view.archive_behind,
            )
        )
    if view.log.days.unopened:
        found.append(
            catalogue.say_plural(
                "{number} day is not opened yet: `holdfast serve` opens it.",
                "{number} days are not opened yet: `holdfast serve` opens them.",
                view.log.days.unopened,
            )
        )
    if view.projection is None:
        found.append(
            catalogue.say("No projection was folded here yet: `holdfast serve` does that.")
        )
    else:
        found += _of_projection(view.projection, catalogue)
    if view.model is not None:
        found += model_alarms(view.model, catalogue)
    return found


def _of_projection(projection: ProjectionStatus, catalogue: Catalogue) -> list[str]:
    found = []
    if projection.records_behind:
        found.append(
            catalogue.say_plural(
                "The projection is {number} record behind the log.",
                "The projection is {number} records behind the log.",
                projection.records_behind,
            )
        )
    if projection.quarantined:
        found.append(
            catalogue.say_plural(
                "{number} customer is in quarantine: its newer facts are not folded.",
                "{number} customers are in quarantine: their newer facts are not folded.",
                len(projection.quarantined),
            )
        )
    return found
