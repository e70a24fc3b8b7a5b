"""A card on the screen, in both languages: the product's face."""

from pathlib import Path

import msgspec
import pytest

from infra.folder import DataFolder
from infra.messages.catalogue import Catalogue
from services.ops.cards import CardView, card_at, card_now
from services.ops.rendering.card import render_card
from tests.unit.ops.folders import (
    RELEASE,
    assigned,
    id_of,
    moment,
    order,
    read,
    registered,
    regular,
    returned,
    usage,
    written,
)
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, screen, words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return written(
        tmp_path_factory.mktemp("screen"),
        [
            *regular("A"),
            registered("A", 0),
            assigned("A", 3, "ACME", "m.li"),
            returned("A", 40, 250),
            usage("A", 60, 3.25),
            order("B\u202e\x9b31m", 150),
        ],
        160,
    )


def view_of(folder: DataFolder, key: str = "A") -> CardView:
    view = read(folder, lambda reading: card_now(reading, id_of(key)))
    assert isinstance(view, CardView)
    return view


def shown(view: CardView, catalogue: Catalogue, width: int = 100) -> str:
    return screen(render_card(view, catalogue, LONDON_CLOCKS), width)


CARD = """\
╭─ shop:A ─────────────────────────────────────────────────────────────────────────────────────────╮
│ At stake     £369.98 expected over the next 91 days                                              │
│ Segment      not told yet                                                                        │
│ Stage        declining, spend a day 13 % below the half-year's                                   │
│ Account      ACME                                                                                │
│ Owner        m.li                                                                                │
│ Kind         small group                                                                         │
│ Tier         gold                                                                                │
│ Industry     retail                                                                              │
│ Region       north                                                                               │
│ Customer id  c6c1d382-09b2-5430-8fb2-ea04c27b2320                                                │
╰─ as of 2011-06-12, the log's open day ───────────────────────────────────────────────────────────╯
Why
  • no order for 60 days, usual gap 10
    unusually quiet since 2011-05-24; surprise 9.39 over 4.38, from 10 gaps of regularity 5.4
    (silence-1)
    behind it: 11 orders from 2011-01-03 to 2011-04-13; newest: 2011-04-13 £100.00, 2011-04-03
    £100.00, 2011-03-24 £100.00, 2011-03-14 £100.00, 2011-03-04 £100.00

Purchases
  Orders            11 on 11 days, 2011-01-03 to 2011-04-13
  Usual gap         10 days
  Spent             £1,100.00
  Spent lately      £489.82, half-life 91 days
  Last day's total  £100.00
  Returns           1, worth £2.50

Services
  Service        Total  A day lately  Days  From        To
  ────────────────────────────────────────────────────────────────
  mobile-data  3.25 GB       0.02 GB     1  2011-03-04  2011-03-04

Latest facts
  Time              What                 Amount  Source  Id there
  ────────────────────────────────────────────────────────────────────────
  2011-04-13 13:00  order               £100.00  shop    order-A-100-10000
  2011-04-03 13:00  order               £100.00  shop    order-A-90-10000
"""


def test_a_card_looks_like_this(folder: DataFolder) -> None:
    assert shown(view_of(folder), ENGLISH).startswith(CARD)


def test_a_chinese_card_says_the_same(folder: DataFolder) -> None:
    said = words(render_card(view_of(folder), CHINESE, LONDON_CLOCKS), 120)

    assert "• 已 60 天未下单，通常间隔 10 天" in said
    assert "截至 2011年6月12日（日志当前营业日）" in said
    assert "涉及金额 预计未来 91 天消费 £369.98" in said
    assert "自 2011年5月24日 起异常沉默" in said
    assert "依据：2011年1月3日 至 2011年4月13日 的 11 笔订单" in said
    assert "类型 小型集团" in said


@pytest.mark.parametrize("catalogue", [ENGLISH, CHINESE])
@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_card_fits_its_width(folder: DataFolder, catalogue: Catalogue, width: int) -> None:
    for line in shown(view_of(folder), catalogue, width).splitlines():
        # a Chinese character takes two columns
        assert sum(1 + (letter > "\u2e7f") for letter in line) <= width


def test_a_card_without_a_signal_says_so(folder: DataFolder) -> None:
    said = shown(view_of(folder, "B\u202e\x9b31m"), ENGLISH)

    assert "No signal stands." in said
    assert "Why" not in said


def test_what_was_never_said_is_not_made_up(folder: DataFolder) -> None:
    said = words(render_card(view_of(folder, "B\u202e\x9b31m"), ENGLISH, LONDON_CLOCKS))

    assert "Account its own" in said
    assert "Owner nobody yet" in said
    assert "Kind not said" in said
    assert "Usual gap too few orders to tell" in said


def test_a_hostile_key_does_not_act(folder: DataFolder) -> None:
    said = shown(view_of(folder, "B\u202e\x9b31m"), ENGLISH)

    assert r"shop:B\u202e\x9b31m" in said
    assert "\u202e" not in said
    assert "\x9b" not in said


def test_a_past_card_says_as_of_when(folder: DataFolder) -> None:
    view = read(folder, lambda reading: card_at(reading, id_of("A"), moment(100)))
    assert isinstance(view, CardView)

    said = shown(view, ENGLISH)

    assert "as of 2011-04-13 13:00; open day 2011-04-13" in said
    assert "No signal stands." in said


def test_a_card_behind_the_log_says_by_how_much(folder: DataFolder) -> None:
    view = msgspec.structs.replace(view_of(folder), records_behind=2)

    assert "as of 2011-06-12; 2 newer records of the log are not folded in yet" in shown(
        view, ENGLISH
    )
    assert "另有 2 条较新记录尚未计入" in shown(view, CHINESE)


def test_a_quarantined_customers_card_says_why(folder: DataFolder) -> None:
    view = msgspec.structs.replace(view_of(folder), quarantined="ValueError: \x1b[2J")

    said = shown(view, ENGLISH)

    assert r"In quarantine, facts since are not folded: ValueError: \x1b[2J" in said


def test_a_customer_who_only_uses_services_has_no_orders(tmp_path: Path) -> None:
    folder = written(tmp_path, [usage("C", 0, 1.5)])

    said = words(render_card(view_of(folder, "C"), ENGLISH, LONDON_CLOCKS))

    assert "Orders none yet" in said
    assert "mobile-data 1.5 GB" in said


def test_services_without_room_are_counted(folder: DataFolder) -> None:
    view = view_of(folder)
    crowded = msgspec.structs.replace(
        view, card=msgspec.structs.replace(view.card, services_left_out=3)
    )

    assert "3 services longest unused are left out" in words(
        render_card(crowded, ENGLISH, LONDON_CLOCKS)
    )


def test_the_foot_names_what_folded_it(folder: DataFolder) -> None:
    last = shown(view_of(folder), ENGLISH).splitlines()[-1]

    assert last == (f"15 facts, 0 of them late; projection 7d3c2b1a-5fd4-1, release {RELEASE[:12]}")
