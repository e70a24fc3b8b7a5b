"""Exact sums and products of what cells hold. Python's own operators would round to 28 digits."""

from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
"""Room for the product of `MAX_FACTORS` numbers of 30 digits without any rounding before the last."""

MAX_FACTORS = 6

Number = int | Decimal


def add_exactly(left: Number, right: Number) -> Number:
    """Return the sum.

    >>> add_exactly(2, Decimal("0.5"))
    Decimal('2.5')
    """
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return EXACT.add(Decimal(left), Decimal(right))


def to_minor_units(factors: list[Number], units_in_one: Decimal) -> int:
    """Return the product of the factors in minor units, halves rounded away from zero.

    >>> to_minor_units([-5, Decimal("0.001")], Decimal(100))
    -1
    """
    product = units_in_one
    for factor in factors:
        product = EXACT.multiply(product, factor)
    return int(EXACT.to_integral_value(product))
