"""The trace that came beside events, in a header, and so is that of each which names none itself."""

from collections.abc import Iterable, Sequence

from events.envelope import CloudEvent
from events.tracing import TRACEPARENT, read_traceparent, trace_of, with_trace
from services.ingest.intake import Arrival

_NAME = TRACEPARENT.encode()


def trace_in(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return what headers with lower-case names say; None where they say nothing, wrongly, or twice."""
    found = [value for name, value in headers if name == _NAME]
    return read_traceparent(found[0].decode("latin-1")) if len(found) == 1 else None


def traced(arrivals: Sequence[Arrival], traceparent: str | None) -> Sequence[Arrival]:
    """Return the same events, where each that names no trace has this one."""
    if traceparent is None:
        return arrivals
    return [
        with_trace(arrival, trace_of(arrival) or traceparent)
        if isinstance(arrival, CloudEvent)
        else arrival
        for arrival in arrivals
    ]
