"""How likely a customer is to buy again within a horizon, by its purchase days alone (BG/NBD).

Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way. With x repeat purchases, the last
one tx days after the first, which was T days ago:

    alive = 1 / (1 + a / (b + x - 1) · ((α + T) / (α + tx))^(r + x)), and 1 where x = 0
    buys  = alive · (1 - ((α + T) / (α + T + H))^(r + x))

The parameters are fixed ones that fit retail and telephony alike; learning weighs what comes out.
"""

import math

R, ALPHA, A, B = 0.25, 30.0, 0.5, 5.0
LEAST_CHANCE = 1e-4
"""The chance is kept this far from 0 and 1, so that its log-odds stay finite."""

LARGEST_EXPONENT = 700.0
"""e to more than this is beyond what a float can hold; the customer is then long gone."""


def log_odds_of_buying(age: int, span: int, repeats: int, horizon: int) -> float:
    """Return ln(buys / (1 - buys)); ``age`` is T, ``span`` tx, ``repeats`` x, all days whole."""
    chance = min(max(chance_of_buying(age, span, repeats, horizon), LEAST_CHANCE), 1 - LEAST_CHANCE)
    return math.log(chance / (1.0 - chance))


def chance_of_buying(age: int, span: int, repeats: int, horizon: int) -> float:
    """Return the probability of at least one purchase within the horizon.

    >>> round(chance_of_buying(100, 90, 9, 91), 3), round(chance_of_buying(300, 90, 9, 91), 3)
    (0.919, 0.002)
    """
    shape = R + repeats
    buys = 1.0 - math.pow((ALPHA + age) / (ALPHA + age + horizon), shape)
    if repeats == 0:
        return buys
    exponent = shape * math.log((ALPHA + age) / (ALPHA + span))
    gone = A / (B + repeats - 1.0) * math.exp(min(exponent, LARGEST_EXPONENT))
    return buys / (1.0 + gone)
