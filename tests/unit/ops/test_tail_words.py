"""What records of signals, snapshots and models say in words, in both languages."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events import codec
from events.catalogue import REGISTRY
from events.control import ModelDecided, ProjectionCreated
from events.figures import SilenceFigures
from events.models import ChurnModel, CutPoints, LinearScorer
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    ClearedBecause,
    CustomerPlaced,
    Placement,
    RiskCleared,
    RiskRaised,
    RiskStanding,
    SignalReason,
    ValueSegment,
)
from events.snapshots import DayClosed, SnapshotTaken
from events.values import CustomerId, Money
from services.ops.rendering.tail import render_record
from services.ops.rendering.tail_words import record_words
from services.ops.tail_records import TailRecord
from tests.unit.ops.folders import PROJECTION, RELEASE, id_of
from tests.unit.ops.scored import CHURN, LEARNING, ORDERS_BEHIND, day
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, screen

ANNA = CustomerId(id_of("A"))
STAKE = Money(125_000, "GBP")
PLACED = Placement("ACME", "m.li")
SILENCE = SilenceFigures(55, 10.0, 10, 5.4, 9.39, 4.38)

SCORER = LinearScorer(("recency",), (3.1,), (0.9,), (0.7,), -0.5, 4.0)
MODEL = ChurnModel(
    "churn-1",
    SCORER,
    61_832,
    41_300,
    day(1, 12),
    day(6, 6),
    0.5625,
    CutPoints(15_000.0, 60_000.0, 1.5, 4.0),
)
UNLEARNED = ChurnModel("churn-1", SCORER, 1, 1, None, None, None, None)
SNAPSHOT = SnapshotTaken(
    customer_id=ANNA,
    day=day(9, 5),
    model="5c1f",
    inputs=(1.6,),
    log_odds=1.375,
    last_day=day(7, 6),
    active=True,
    usual_gap=19.0,
    purchase_days_182=9.25,
    spent_182=98_000.5,
    stake=125_000,
    volume=3.5,
    segment=None,
)


def raised(reason: SignalReason = SignalReason.UNUSUALLY_QUIET) -> AnomalyRaised:
    return AnomalyRaised(
        ANNA, day(5, 24), reason, "silence-1", SILENCE, ORDERS_BEHIND, STAKE, PLACED
    )


def cleared(because: ClearedBecause) -> RiskCleared:
    return RiskCleared(ANNA, day(9, 5), day(8, 1), because, CHURN, 0.2, PLACED)


RECORDS: list[tuple[msgspec.Struct, str, str]] = [
    (
        RiskRaised(ANNA, day(9, 5), CHURN, 0.85, STAKE, ValueSegment.HIGH, PLACED),
        (
            "likely to leave (71 %): no order for 61 days, usual gap 19; little spend lately;"
            " £1,250.00 at stake"
        ),
        "可能流失（71%）：已 61 天未下单，通常间隔 19 天；近期消费少；涉及金额 £1,250.00",
    ),
    (
        cleared(ClearedBecause.RECOVERED),
        "no longer likely to leave, as since 2011-08-01: recovered",
        "自 2011年8月1日 起的流失风险已解除：客户已恢复",
    ),
    (
        cleared(ClearedBecause.GONE),
        "gone, as was feared since 2011-08-01: no order for 91 days",
        "自 2011年8月1日 起所担心的已发生：91 天未下单",
    ),
    (
        RiskStanding(
            ANNA, day(9, 5), SignalReason.CHURN_RISK, "churn-1", day(9, 1), LEARNING, STAKE, PLACED
        ),
        (
            "likely to leave (high, still learning): no order for 61 days, usual gap 19;"
            " little spend lately; £1,250.00 at stake"
        ),
        "可能流失（高，仍在学习）：已 61 天未下单，通常间隔 19 天；近期消费少；涉及金额 £1,250.00",
    ),
    (
        raised(),
        "no order for 55 days, usual gap 10; £1,250.00 at stake",
        "已 55 天未下单，通常间隔 10 天；涉及金额 £1,250.00",
    ),
    (
        AnomalyCleared(
            ANNA,
            day(6, 1),
            SignalReason.UNUSUALLY_QUIET,
            "silence-1",
            day(5, 24),
            SILENCE,
            PLACED,
        ),
        "no longer unusually quiet, as since 2011-05-24",
        "自 2011年5月24日 起的“异常沉默”已解除",
    ),
    (
        SNAPSHOT,
        "scored +1.38 by model 5c1f, last order 2011-07-06",
        "评分 +1.38（模型 5c1f），最近下单 2011年7月6日",
    ),
    (
        msgspec.structs.replace(SNAPSHOT, segment=ValueSegment.HIGH, active=False),
        "scored +1.38 by model 5c1f, last order 2011-07-06, high value, no longer active",
        "评分 +1.38（模型 5c1f），最近下单 2011年7月6日，高价值，已不活跃",
    ),
    (
        DayClosed(0, day(9, 5), 1),
        "2011-09-05 is done: 1 customer was looked at",
        "2011年9月5日 已处理完毕：查看了 1 位客户",
    ),
    (
        DayClosed(0, day(9, 5), 1_204),
        "2011-09-05 is done: 1,204 customers were looked at",
        "2011年9月5日 已处理完毕：查看了 1,204 位客户",
    ),
    (ProjectionCreated("p-1", RELEASE), "projection p-1", "投影 p-1"),
    (
        ProjectionCreated("p-1", RELEASE, day(1, 3), "5c1f"),
        "projection p-1 scores by model 5c1f and learns nothing",
        "投影 p-1 按模型 5c1f 评分，不学习",
    ),
    (
        ProjectionCreated("p-1", RELEASE, day(1, 3), "5c1f", "churn-1"),
        "projection p-1 starts with model 5c1f and learns by churn-1",
        "投影 p-1 以模型 5c1f 开始，按 churn-1 学习",
    ),
    (
        ModelDecided("p-1", day(9, 6)),
        "the model of 2011-09-06 stays as it was",
        "2011年9月6日 沿用原模型",
    ),
    (
        ModelDecided("p-1", day(9, 6), None, "log loss 2.3"),
        "the model of 2011-09-06 stays as it was: what was learned is refused, log loss 2.3",
        "2011年9月6日 沿用原模型：新学到的模型未被采用，log loss 2.3",
    ),
    (
        ModelDecided("p-1", day(9, 6), MODEL),
        (
            "a new model from 2011-09-06: 41,300 labels by churn-1, 61,832 snapshots,"
            " labels up to 2011-06-06, log loss 0.562"
        ),
        (
            "自 2011年9月6日 起使用新模型：按 churn-1 学习了 41,300 个标签，61,832 个快照，"
            "标签截至 2011年6月6日，对数损失 0.562"
        ),
    ),
    (
        ModelDecided("p-1", day(9, 6), UNLEARNED),
        "a new model from 2011-09-06: 1 label by churn-1, 1 snapshot",
        "自 2011年9月6日 起使用新模型：按 churn-1 学习了 1 个标签，1 个快照",
    ),
]


@pytest.mark.parametrize(("event", "english", "chinese"), RECORDS)
def test_a_record_says_in_words_what_it_is(
    event: msgspec.Struct, english: str, chinese: str
) -> None:
    name, data = REGISTRY.name_of(event), codec.encode(event)

    assert record_words(name, data, ENGLISH) == english
    assert record_words(name, data, CHINESE) == chinese


def tailed(event: msgspec.Struct, topic: str = "crm.snapshots") -> TailRecord:
    return TailRecord(
        topic=topic,
        id="0" * 18 + "7",
        source=f"{PROJECTION}:0",
        type=REGISTRY.name_of(event),
        time=datetime.datetime(2011, 9, 5, 11, tzinfo=datetime.UTC),
        sequence="0" * 18 + "7",
        subject=ANNA,
        emission="live",
        data=msgspec.Raw(codec.encode(event)),
    )


@pytest.mark.parametrize("event", [event for event, _, _ in RECORDS])
def test_the_data_of_a_record_follow_its_words_whole(event: msgspec.Struct) -> None:
    said = screen(render_record(tailed(event), ENGLISH, LONDON_CLOCKS), 4_000)

    sentence = record_words(REGISTRY.name_of(event), codec.encode(event), ENGLISH)
    assert sentence is not None
    assert said.endswith(f"  live  {sentence}  {codec.encode(event).decode()}")


def test_what_its_data_tell_as_well_is_left_to_them() -> None:
    placed = CustomerPlaced(ANNA, day(9, 5), PLACED)

    assert record_words("crm.customer.placed.v1", codec.encode(placed), ENGLISH) is None
    said = screen(render_record(tailed(placed, "crm.signals"), ENGLISH, LONDON_CLOCKS), 4_000)
    assert said.endswith(f"  live  {codec.encode(placed).decode()}")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("crm.risk.raised.v1", b""),
        ("crm.risk.raised.v1", b"{}"),
        ("crm.risk.raised.v1", b"\xff\xfe"),
        ("crm.risk.raised.v1", b'{"damaged":"ff"}'),
        ("crm.visit.made.v3", b"{}"),
        ("crm.dead-letter", b"{}"),
    ],
)
def test_a_record_that_cannot_be_read_says_nothing_in_words(name: str, data: bytes) -> None:
    assert record_words(name, data, ENGLISH) is None


def test_an_older_version_is_said_in_the_same_words() -> None:
    examples = Path(__file__).parents[3] / "schemas" / "examples"
    raw = (examples / "crm.anomaly.raised.v1.json").read_bytes()

    said = record_words("crm.anomaly.raised.v1", raw, ENGLISH)

    assert said is not None
    assert said.startswith("no order for ")


def test_a_hostile_refusal_does_not_act() -> None:
    event = ModelDecided("p\x1b[2J", day(9, 6), None, "\u202e\x9b31m")

    said = screen(render_record(tailed(event), ENGLISH, LONDON_CLOCKS), 4_000)

    assert not {"\x1b", "\u202e", "\x9b"} & set(said)
