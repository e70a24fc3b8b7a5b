"""How much is measured: the full run that figures are quoted from, and a quick one that only runs."""

import msgspec

from bench.synthetic import Firm


class Sizes(msgspec.Struct, frozen=True):
    """Repeats and sizes of every benchmark."""

    repeats: int
    calls: int
    firms: tuple[Firm, ...]
    single_posts: int
    batches: int
    connections: int
    retail_lines: int | None
    metered_customers: int
    stored_customers: int
    streamed: Firm
    stream_repeats: int
    faust_facts: int
    paced_seconds: int
    open_tasks: int


FULL = Sizes(
    repeats=5,
    calls=20_000,
    firms=(Firm(100_000, 2_000, 180), Firm(1_000_000, 20_000, 180)),
    single_posts=12_000,
    batches=60,
    connections=32,
    retail_lines=None,
    metered_customers=2_000,
    stored_customers=100_000,
    streamed=Firm(1_000_000, 20_000, 180),
    stream_repeats=1,
    faust_facts=200_000,
    paced_seconds=60,
    open_tasks=100_000,
)
QUICK = Sizes(
    repeats=2,
    calls=200,
    firms=(Firm(2_000, 50, 30),),
    single_posts=64,
    batches=4,
    connections=4,
    retail_lines=1_500,
    metered_customers=8,
    stored_customers=4_100,
    streamed=Firm(2_000, 50, 6),
    stream_repeats=1,
    faust_facts=1_000,
    paced_seconds=3,
    open_tasks=100,
)
