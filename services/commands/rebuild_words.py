"""How a rebuilt projection differs from the one it replaced, in words."""

from rich.console import Group, RenderableType

from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import heading, indented, label_rows
from services.ops.rendering.safe import plain
from services.profiles.comparison import Comparison


def comparison_words(found: Comparison | None, catalogue: Catalogue) -> RenderableType:
    """Return what changed, and who is flagged now and was not, or was and is not."""
    if found is None:
        return heading(catalogue.say("Rebuilt; no states were left to compare with."))
    rows = [
        (catalogue.say("projection before"), found.before),
        (catalogue.say("projection now"), found.after),
        (catalogue.say("customers before"), catalogue.number(found.customers_before)),
        (catalogue.say("customers now"), catalogue.number(found.customers_after)),
        (catalogue.say("states that changed"), _changed(found, catalogue)),
        (catalogue.say("flagged before and now"), catalogue.number(found.standing_in_both)),
        (
            catalogue.say("flagged only before"),
            _some(found.raised_only_before, found.first_only_before, catalogue),
        ),
        (
            catalogue.say("flagged only now"),
            _some(found.raised_only_after, found.first_only_after, catalogue),
        ),
    ]
    table = label_rows([(label, plain(value)) for label, value in rows])
    return Group(heading(catalogue.say("Rebuilt, and switched over.")), indented(table))


def _changed(found: Comparison, catalogue: Catalogue) -> str:
    if found.changed is None:
        return catalogue.say("not comparable: another release folded them")
    return catalogue.number(found.changed)


def _some(number: int, first: tuple[str, ...], catalogue: Catalogue) -> str:
    counted = catalogue.number(number)
    return f"{counted}: {', '.join(first)}" if first else counted
