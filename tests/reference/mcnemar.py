"""McNemar's exact test of two answers to each of many questions."""

from math import comb


def mcnemar(first: int, second: int) -> float:
    """p, two-sided, where only the first answer is right `first` times and only the second one `second` times."""
    n = first + second
    return min(1.0, 2 * sum(comb(n, k) for k in range(min(first, second) + 1)) / 2**n)
