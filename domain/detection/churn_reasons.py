"""The reasons of a churn score as people read them: raw figures, and which facts stand behind them."""

import math
from collections.abc import Iterator
from typing import assert_never

import msgspec

from domain.customer.state import CustomerState
from domain.detection.churn_inputs import recent_share
from domain.detection.churn_recipe import HORIZON_DAYS, INPUTS, Inputs
from events.calendar import date_of
from events.figures import Evidence, GroupShare, RawFigure, ReasonGroup, ScoreReason

REASONS_SHOWN = 3
LEAST_SHARE = 0.05
"""Log-odds, little more than one per cent: what adds less is no reason to tell anybody."""

RETURNS_WINDOW_DAYS = 182
_PLACE = {name: place for place, name in enumerate(INPUTS)}


def reasons(
    shares: tuple[GroupShare, ...], inputs: Inputs, state: CustomerState, today: int
) -> tuple[ScoreReason, ...]:
    """Return the groups that raise the score most, those first; none that hardly does."""
    raising = [share for share in shares if share.log_odds >= LEAST_SHARE]
    first = sorted(raising, key=lambda share: -share.log_odds)[:REASONS_SHOWN]
    aged = msgspec.structs.replace(state, purchases=state.purchases.decayed_to(today))
    return tuple(
        ScoreReason(
            share.group,
            share.log_odds,
            tuple(RawFigure(*figure) for figure in _figures(share.group, inputs, aged, today)),
            _evidence(share.group, aged, today),
        )
        for share in first
    )


def _figures(
    group: ReasonGroup, inputs: Inputs, state: CustomerState, today: int
) -> Iterator[tuple[str, float]]:
    match group:
        case ReasonGroup.GAP:
            yield from _gap(inputs, state, today)
        case ReasonGroup.SPEND_TREND:
            yield "spent-91", state.purchases.spent_91
            yield "last-amount", float(state.purchases.last_amount)
            yield "orders-91", state.purchases.orders_91
        case ReasonGroup.USAGE:
            yield "used-14-vs-91", recent_share(inputs[_PLACE["usage-trend"]])
            yield "days-since-use", math.expm1(inputs[_PLACE["usage-recency"]])
        case ReasonGroup.COMPLAINTS:
            yield "severity-91", math.expm1(inputs[_PLACE["complaint-severity"]])
            yield "open-complaints", float(state.complaints.known.open_count())
            yield "unsatisfied", float(state.complaints.unsatisfied)
        case ReasonGroup.RETURNS:
            yield "returns-182", state.purchases.returns_182
            yield "returned-share", inputs[_PLACE["returned-share"]]
        case ReasonGroup.CONTACTS:
            yield "inbound-91", math.expm1(inputs[_PLACE["inbound-contacts"]])
            yield "outbound-91", math.expm1(inputs[_PLACE["outbound-contacts"]])
        case _ as never:
            assert_never(never)


def _gap(inputs: Inputs, state: CustomerState, today: int) -> Iterator[tuple[str, float]]:
    _, last_day = state.purchases.span()
    yield "days-since-order", float(today - last_day)
    if state.purchases.gaps.count:
        yield "usual-gap", state.purchases.gaps.mean
    yield "purchase-days-182", state.purchases.days_182
    yield "buy-again", 1.0 / (1.0 + math.exp(-inputs[_PLACE["buy-again"]]))


def _evidence(group: ReasonGroup, state: CustomerState, today: int) -> Evidence:
    """Return the fact type and the days, both ends included, that a group's figures rest on most."""
    first_day, last_day = state.purchases.span()
    recent = today - HORIZON_DAYS
    match group:
        case ReasonGroup.GAP:
            return _window("crm.order.placed.v1", first_day, last_day)
        case ReasonGroup.SPEND_TREND:
            return _window("crm.order.placed.v1", min(max(recent, first_day), last_day), today)
        case ReasonGroup.USAGE:
            return _window("crm.usage.recorded.v1", recent, today)
        case ReasonGroup.COMPLAINTS:
            return _window("crm.complaint.opened.v1", _complaints_since(state, recent), today)
        case ReasonGroup.RETURNS:
            return _window("crm.order.returned.v1", today - RETURNS_WINDOW_DAYS, today)
        case ReasonGroup.CONTACTS:
            return _window("crm.interaction.recorded.v1", recent, today)
        case _ as never:
            assert_never(never)


def _complaints_since(state: CustomerState, recent: int) -> int:
    """Return the beginning of the last quarter, or since when the oldest open complaint is open."""
    open_since = state.complaints.known.open_since()
    return recent if open_since is None else min(recent, open_since)


def _window(fact_type: str, first_day: int, last_day: int) -> Evidence:
    return Evidence(fact_type, date_of(first_day), date_of(last_day))
