"""What a check found: lost, doubled, different, and of each what it was."""

from enum import StrEnum

DETAILS_KEPT = 12


class Wrong(StrEnum):
    """In which way something is not as it must be."""

    LOST = "lost"
    DOUBLED = "doubled"
    DIFFERENT = "different"


class Findings:
    """Counts each thing that is wrong once, however many checks come by it."""

    def __init__(self) -> None:
        self.details: list[str] = []
        self._counts = dict.fromkeys(Wrong, 0)
        self._seen: set[str] = set()

    def add(self, wrong: Wrong, what: str) -> None:
        """Note a thing; ``what`` names it."""
        if what not in self._seen:
            self._seen.add(what)
            self._counts[wrong] += 1
            if len(self.details) < DETAILS_KEPT:
                self.details.append(f"{wrong}: {what}")

    def taken(self) -> dict[Wrong, int]:
        """Return what was found since the last call."""
        found, self._counts = self._counts, dict.fromkeys(Wrong, 0)
        return found
