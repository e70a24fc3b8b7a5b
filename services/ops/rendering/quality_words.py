"""How figures of quality are written: rounded alike, and a dash where nothing can be said."""

from infra.messages.catalogue import Catalogue

NOT_KNOWN = "–"


def rounded(value: float | None, catalogue: Catalogue) -> str:
    """Return a figure to three places, a dash for none."""
    return NOT_KNOWN if value is None else catalogue.fixed(value, 3)


def share(value: float | None, catalogue: Catalogue) -> str:
    """Return a share of 1 in per cent, to a tenth of one."""
    if value is None:
        return NOT_KNOWN
    return catalogue.say("{number} %", number=catalogue.fixed(value * 100, 1))
