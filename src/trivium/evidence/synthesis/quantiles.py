"""Quantiles and tails of the distributions that intervals rest on."""

from __future__ import annotations

from scipy import special

from trivium.core.errors import EvidenceError


def check_level(level: float) -> float:
    """A confidence level as a fraction; EvidenceError for anything outside (0, 1)."""
    if not 0 < level < 1:
        raise EvidenceError(
            f"a confidence level of {level:g}",
            why="a level lies between 0 and 1",
            hint="write 95 per cent as 0.95",
        )
    return level


def normal(level: float) -> float:
    """Half width of the central interval of this level, in standard errors: 1.96 for 0.95."""
    return float(special.ndtri((1 + level) / 2))


def student(level: float, df: float) -> float:
    """The same of the t distribution."""
    return float(special.stdtrit(df, (1 + level) / 2))


def chi_squared(probability: float, df: float) -> float:
    """The value below which chi squared lies with this probability."""
    return float(special.chdtri(df, 1 - probability))


def chi_squared_tail(value: float, df: float) -> float:
    """How probable a chi squared of this size or more is."""
    return float(special.chdtrc(df, value))


def normal_two_sided(z: float) -> float:
    """P value of a z."""
    return float(2 * special.ndtr(-abs(z)))


def student_two_sided(t: float, df: float) -> float:
    """P value of a t."""
    return float(2 * special.stdtr(df, -abs(t)))


def beta(probability: float, a: float, b: float) -> float:
    """Quantile of the beta distribution."""
    return float(special.betaincinv(a, b, probability))
