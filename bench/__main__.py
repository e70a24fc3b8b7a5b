"""Run benchmarks and print their figures: ``python -m bench [--quick] [NAME...]``."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from bench.costs import costs
from bench.door import door
from bench.figures import Section, show
from bench.folding import folding
from bench.learning import learning
from bench.metering import metering
from bench.quality import quality
from bench.redis_states import redis_states
from bench.retail import retail
from bench.sizes import FULL, QUICK, Sizes

BENCHMARKS: dict[str, Callable[[Sizes], Section]] = {
    "costs": costs,
    "learning": learning,
    "folding": folding,
    "door": door,
    "retail": retail,
    "quality": quality,
    "metering": metering,
    "redis": redis_states,
}
NEEDED = {"redis": "HOLDFAST_REDIS_URL"}
"""What names the server that a benchmark runs on; where it is unset, a run of all leaves it out."""


def main(arguments: Sequence[str]) -> None:
    """Run the benchmarks named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Print medians.")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it still run?")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    asked = parser.parse_args(arguments)
    unknown = set(asked.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    console = Console(width=150)
    missing = {name: setting for name, setting in NEEDED.items() if not os.environ.get(setting)}
    for name in asked.names or BENCHMARKS:
        if name in missing and name in asked.names:
            parser.error(f"{name} runs on a server: set {missing[name]}")
        if name in missing:
            console.print(f"{name}: left out, {missing[name]} is unset", highlight=False)
            continue
        show(BENCHMARKS[name](QUICK if asked.quick else FULL), console)


if __name__ == "__main__":
    main(sys.argv[1:])
