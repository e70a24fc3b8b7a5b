"""Run benchmarks and print their figures: ``python -m bench [--quick] [NAME...]``."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import msgspec
from rich.console import Console

from bench.backup import backup
from bench.cards import cards
from bench.costs import costs
from bench.desk import desk
from bench.door import door
from bench.figures import Section, show
from bench.folding import folding
from bench.inbox import inbox
from bench.kafka_door import kafka_door
from bench.kafka_mode import what_is_missing
from bench.latency import latency
from bench.learning import learning
from bench.metering import metering
from bench.quality import quality
from bench.redis_states import redis_states
from bench.retail import retail
from bench.rows import rows, what_rows_lack
from bench.sizes import FULL, QUICK, Sizes
from bench.stream import stream
from bench.synthetic import Firm

BENCHMARKS: dict[str, Callable[[Sizes], Section]] = {
    "costs": costs,
    "learning": learning,
    "folding": folding,
    "door": door,
    "retail": retail,
    "quality": quality,
    "metering": metering,
    "desk": desk,
    "redis": redis_states,
    "stream": stream,
    "kafka_door": kafka_door,
    "latency": latency,
    "backup": backup,
    "inbox": inbox,
    "cards": cards,
    "rows": rows,
}
ON_KAFKA = {"stream", "kafka_door", "latency", "backup", "rows"}
"""Those that start a broker and a Redis of their own."""


def main(arguments: Sequence[str]) -> None:
    """Run the benchmarks named, or all of them."""
    asked = _asked(arguments)
    sizes = QUICK if asked.quick else FULL
    if asked.firm:
        sizes = msgspec.structs.replace(sizes, streamed=Firm(*asked.firm))
    console = Console(width=150)
    for name in asked.names or BENCHMARKS:
        missing = _missing(name)
        if missing is None:
            show(BENCHMARKS[name](sizes), console)
        elif asked.names:
            print(f"{name} cannot run: {missing}", file=sys.stderr)
            sys.exit(2)
        else:
            console.print(f"{name}: left out, {missing}", highlight=False)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Print medians.")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it still run?")
    parser.add_argument(
        "--firm",
        nargs=3,
        type=int,
        metavar=("FACTS", "CUSTOMERS", "DAYS"),
        help="what stream folds, in place of 1,000,000 20,000 180",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    asked = parser.parse_args(arguments)
    unknown = set(asked.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return asked


def _missing(name: str) -> str | None:
    """Return what a benchmark needs and is not here."""
    if name == "redis":
        named = os.environ.get("HOLDFAST_REDIS_URL")
        return None if named else "set HOLDFAST_REDIS_URL"
    lacks_postgres = what_rows_lack() if name == "rows" else None
    return (what_is_missing() or lacks_postgres) if name in ON_KAFKA else None


if __name__ == "__main__":
    main(sys.argv[1:])
