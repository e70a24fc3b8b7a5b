"""Does this release fold as the one that made a projection did? Asked without loading the learner."""

from collections.abc import Callable
from functools import lru_cache

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from infra.log.head import LogHead
from infra.mendable import MendableError


class OtherReleaseError(MendableError):
    """The log's projection was made by a release with another fold, or another learner."""


def check_release(head: LogHead, projection: str, fold: CustomerFold) -> None:
    """Raise `OtherReleaseError` unless this release's fold made the projection."""
    made_by, ours = head.projections[projection], _named(fingerprint, fold.currency)
    if made_by != ours:
        raise OtherReleaseError(
            f"projection {projection} was folded by a release with fingerprint {made_by[:12]}, this"
            f" one has {ours[:12]}: `holdfast rebuild` folds the log anew with this release, and so"
            " does `holdfast serve`"
        )


@lru_cache(maxsize=8)
def _named(name: Callable[[CustomerFold], str], currency: str) -> str:
    """Return the fingerprint of a fold. It takes a quarter of a second, and never changes in a process."""
    return name(CustomerFold(currency))
