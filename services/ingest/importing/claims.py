"""What a dry run asks for the facts that stand already; an import asks the log itself."""

from collections.abc import Mapping, Sequence

from infra.archive.port import FactArchive


class NoClaims:
    """The claims of a log that is yet to be made."""

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return nothing."""
        return {}


class ArchivedClaims:
    """The claims in a snapshot of a log."""

    def __init__(self, archive: FactArchive) -> None:
        self._archive = archive

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each claim that stands."""
        bodies = {claim: await self._archive.body_digest(claim) for claim in claims}
        return {claim: body for claim, body in bodies.items() if body is not None}
