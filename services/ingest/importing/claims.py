"""What a dry run asks where there is no log yet; else it asks the archive, and an import the log."""

from collections.abc import Mapping, Sequence


class NoClaims:
    """The claims of a log that is yet to be made."""

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return nothing."""
        return {}
