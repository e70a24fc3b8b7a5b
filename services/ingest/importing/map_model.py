"""What a mapping file may say, as frozen models. docs/importing.md explains it to those who write one."""

import datetime
import operator
import zoneinfo
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator
from pydantic.functional_validators import AfterValidator

MAX_SKIP_RULES = 100
"""The state of every line is kept in one byte; this leaves room for the reasons of dead letters."""

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"


class Part(BaseModel):
    """A part of a map: frozen, and no key that is not explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; use a name such as Europe/London") from None
    return name


def _ascii_compatible(name: str) -> str:
    try:
        newline = "\n".encode(name)
    except LookupError:
        newline = b""
    if newline != b"\n":
        raise ValueError(f"encoding {name!r} cannot be read; use utf-8, cp1252 or latin-1")
    return name


Timezone = Annotated[str, AfterValidator(_known_timezone)]
Encoding = Annotated[str, AfterValidator(_ascii_compatible)]
OneCharacter = Annotated[str, Field(min_length=1, max_length=1, pattern=r"^[ -~\t]$")]
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=PRINTABLE)]
ServiceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,23}$")]
Reason = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class FeedSettings(Part):
    """What a source sends every day, and how many days late at most."""

    services: Annotated[tuple[ServiceName, ...], Field(min_length=1)]
    delay: Annotated[int, Field(ge=0, le=7)] = 0


class LogSettings(Part):
    """What the log is created with, where the import creates it; and what its sources send daily."""

    timezone: Timezone
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    sources: dict[Name, FeedSettings] = Field(
        default_factory=dict, exclude_if=operator.not_
    )  # a map without them has the id that it had


class CsvDialect(Part):
    """How the files are written."""

    delimiter: OneCharacter = ","
    quote: OneCharacter = '"'
    encoding: Encoding = "utf-8"


class TextColumn(Part):
    """Text; blanks around it are dropped. ``values`` translates, and refuses what it does not list."""

    type: Literal["text"]
    strip_prefix: str = ""
    strip_suffix: str = ""
    values: dict[str, str] | None = None


class NumberColumn(Part):
    """A whole or a decimal number. ``thousands`` is dropped before it is read."""

    type: Literal["integer", "decimal"]
    strip_prefix: str = ""
    strip_suffix: str = ""
    decimal_mark: Literal[".", ","] = "."
    thousands: Literal[".", ",", " ", "'"] | None = None

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.thousands == self.decimal_mark:
            raise ValueError("decimal_mark and thousands must differ")
        return self


class TimeColumn(Part):
    """A point in time. ``format`` is ``iso`` or a pattern of Python's strptime."""

    type: Literal["time"]
    format: str = "iso"
    timezone: Timezone | None = None

    @model_validator(mode="after")
    def _format_reads_what_it_writes(self) -> Self:
        offset_in_format = "%z" in self.format or self.format == "iso"
        if self.timezone is None and not offset_in_format:
            raise ValueError("a format without %z needs a timezone")
        if self.format != "iso":
            example = datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
            again = datetime.datetime.strptime(example.strftime(self.format), self.format)  # noqa: DTZ007 - only its date is looked at
            if again.date() != example.date():
                raise ValueError(f"format {self.format!r} does not hold year, month and day")
        return self


def _spelled_out(column: object) -> object:
    return {"type": column} if isinstance(column, str) else column


Column = Annotated[
    TextColumn | NumberColumn | TimeColumn,
    Field(discriminator="type"),
    BeforeValidator(_spelled_out),
]
Comparable = str | int | float

CONDITION_TESTS = (
    *("empty", "equals", "one_of", "starts_with", "ends_with"),
    *("above", "at_least", "below", "at_most"),
)


class Condition(Part):
    """One test of one column, or a combination of conditions by ``not``, ``all`` or ``any``."""

    column: str | None = None
    empty: bool | None = None
    equals: Comparable | None = None
    one_of: tuple[Comparable, ...] | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    above: int | float | None = None
    at_least: int | float | None = None
    below: int | float | None = None
    at_most: int | float | None = None
    not_: "Condition | None" = Field(default=None, alias="not")
    all_: "tuple[Condition, ...] | None" = Field(default=None, alias="all", min_length=1)
    any_: "tuple[Condition, ...] | None" = Field(default=None, alias="any", min_length=1)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        tests = [name for name in CONDITION_TESTS if getattr(self, name) is not None]
        combined = [part for part in (self.not_, self.all_, self.any_) if part is not None]
        one_test = self.column is not None and len(tests) == 1 and not combined
        one_combination = self.column is None and not tests and len(combined) == 1
        if not one_test and not one_combination:
            raise ValueError(
                f"a condition is a column with one of {', '.join(CONDITION_TESTS)}, "
                "or one of not, all, any"
            )
        return self


class SkipRule(Part):
    """Lines that are left out on purpose, and counted under a reason."""

    reason: Reason
    when: Condition


class FactRule(Part):
    """One kind of fact that lines become; ``data`` is checked against the type it names."""

    type: str
    when: Condition | None = None
    group_by: tuple[str, ...] = ()
    id: Annotated[str, Field(min_length=1, max_length=256)]
    time: str
    data: dict[str, JsonValue]


class MapFile(Part):
    """A whole map."""

    source: Name
    log: LogSettings | None = None
    csv: CsvDialect = CsvDialect()
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    skip: Annotated[tuple[SkipRule, ...], Field(max_length=MAX_SKIP_RULES)] = ()
    facts: Annotated[tuple[FactRule, ...], Field(min_length=1, max_length=100)]
