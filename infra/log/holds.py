"""Why an import cannot have the log, or others cannot while it has it. Nothing was written."""

from infra.mendable import MendableError


class ImportUnderWayError(MendableError):
    """Another import was begun and neither finished nor abandoned."""

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"import {import_id} is under way: repeat its command to finish it, or give it up by"
            " `holdfast import --abandon`"
        )
        self.import_id = import_id


class ImportNotUnderWayError(Exception):
    """Facts came under an import that does not have the log: it was never begun, or has ended."""

    def __init__(self, import_id: str) -> None:
        super().__init__(f"import {import_id} does not have the log; nothing of it was written")


class OpenDayMovedError(Exception):
    """Another day is open than the one by which an import's facts were judged; look again."""

    def __init__(self, seen: int | None, found: int | None) -> None:
        super().__init__(f"the open day is {found}, and was {seen} when the facts were looked at")
