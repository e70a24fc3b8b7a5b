"""Why an import cannot go on at all. Nothing has been written to the log when one is raised."""

from pathlib import Path

from infra.mendable import MendableError


class ImportRefusedError(MendableError):
    """What is wrong, where, and how to mend it. Base of everything that stops an import."""


class MapError(ImportRefusedError):
    """The mapping file is wrong."""

    def __init__(self, path: Path, line: int, what: str, mend: str) -> None:
        super().__init__(f"{path}:{line}: {what}; {mend}")
        self.line = line


class InputError(ImportRefusedError):
    """A data file cannot be read as the map says. ``line`` 0 means the file as a whole."""

    def __init__(self, path: Path, line: int, what: str, mend: str) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {what}; {mend}")
        self.line = line


class SpoolError(ImportRefusedError):
    """The spool in the data folder cannot be written, or does not belong to what the log holds."""


class TooLateError(ImportRefusedError):
    """Facts of behaviour lie too far before the log's open day to be folded any more."""

    def __init__(self, count: int, earliest: str, open_day: str, places: tuple[str, ...]) -> None:
        super().__init__(
            f"{count} facts are too late: the earliest is of {earliest}, the log's open day is "
            f"{open_day}; first of them: {', '.join(places)}; import history into a new data "
            "folder, oldest files first or all in one import, or set these facts aside as dead "
            "letters with --dead-letter-late"
        )
        self.count = count
        self.earliest = earliest
        self.places = places


class LongHistoryError(ImportRefusedError):
    """The facts reach over more than 20 years: a slip in a date, or a history that long."""

    def __init__(self, first: str, last: str, places: tuple[str, ...]) -> None:
        super().__init__(
            f"the facts reach from {first} to {last}, which is more than 20 years, and every day "
            f"of them would be opened; the earliest are in {', '.join(places)}; if those dates are "
            "wrong, mend or skip the lines, else repeat the command with --long-history"
        )
        self.places = places
