"""Are two results the same? The rule of sql-tests/tpch/README.md."""

from decimal import Decimal

RELATIVE_TOLERANCE = 1e-9


def difference(expected, actual):
    """None if two lists of rows are equal, else one sentence on the first difference."""
    if len(expected) != len(actual):
        return f"{len(actual)} rows, expected {len(expected)}"
    for number, (left, right) in enumerate(zip(expected, actual), start=1):
        if len(left) != len(right):
            return f"{len(right)} columns, expected {len(left)}"
        for column, (a, b) in enumerate(zip(left, right), start=1):
            if not equal(a, b):
                return f"row {number}, column {column}: {b!r}, expected {a!r}"
    return None


def equal(a, b):
    if a is None or b is None:
        return a is b
    if is_number(a) and is_number(b):
        return numbers_equal(a, b)
    return str(a) == str(b)


def is_number(value):
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def numbers_equal(a, b):
    gap = abs(float(a) - float(b))
    if isinstance(a, (int, Decimal)) and isinstance(b, (int, Decimal)) and places(a) == places(b):
        return a == b
    return gap <= RELATIVE_TOLERANCE * max(abs(float(a)), abs(float(b))) or gap <= rounding(a, b)


def places(value):
    """Decimal places of a number; None for floating point, which has no fixed number of them."""
    if isinstance(value, float):
        return None
    return -value.as_tuple().exponent if isinstance(value, Decimal) else 0


def rounding(a, b):
    """One unit in the last place of the coarser of two numbers, when that one is a decimal with places."""
    known = [count for count in (places(a), places(b)) if count]
    return 10.0 ** -min(known) if known else 0.0
