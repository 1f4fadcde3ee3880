"""Honest synthesis: single arms and comparisons, pooled where that means something, refused where not.

Everything that others use is here; importing it loads numpy and scipy, so import it where it is used.
"""

from trivium.evidence.synthesis.around import (
    Cumulative,
    Egger,
    SmallStudy,
    Step,
    Subgroups,
    cumulative,
    leave_one_out,
    small_study,
    subgroups,
)
from trivium.evidence.synthesis.effects import effect_of
from trivium.evidence.synthesis.one_table import number_needed, treated_risk
from trivium.evidence.synthesis.pool import pool
from trivium.evidence.synthesis.proportions import proportion_interval
from trivium.evidence.synthesis.published import as_data, forest_data
from trivium.evidence.synthesis.results import (
    Heterogeneity,
    LeftOut,
    NotEstimable,
    Pooled,
    Result,
    StudyEffect,
)
from trivium.evidence.synthesis.rows import Comparative, Estimate, Measure, Row, SingleArm
from trivium.evidence.synthesis.scales import Triple
from trivium.evidence.synthesis.settings import Settings

__all__ = [
    "Comparative",
    "Cumulative",
    "Egger",
    "Estimate",
    "Heterogeneity",
    "LeftOut",
    "Measure",
    "NotEstimable",
    "Pooled",
    "Result",
    "Row",
    "Settings",
    "SingleArm",
    "SmallStudy",
    "Step",
    "StudyEffect",
    "Subgroups",
    "Triple",
    "as_data",
    "cumulative",
    "effect_of",
    "forest_data",
    "leave_one_out",
    "number_needed",
    "pool",
    "proportion_interval",
    "small_study",
    "subgroups",
    "treated_risk",
]
