"""Columns of a user's table: the names that are understood, and how one cell is read or refused."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

# Role -> names as `plain` writes them; the first is the documented one.
NAMES: dict[str, tuple[str, ...]] = {
    "study": ("study", "trial", "author", "name", "slab", "study_name", "studlab"),
    "year": ("year", "publication_year"),
    "time_point": ("time_point", "timepoint", "time", "follow_up", "followup"),
    "group": ("group", "subgroup", "design"),
    "events": ("events", "xi", "cases", "event"),
    "n": ("n", "ni", "total", "patients"),
    "events_treated": ("events_treated", "ai", "tpos", "treated_events", "events_t", "event_e"),
    "non_events_treated": ("non_events_treated", "bi", "tneg"),
    "n_treated": ("n_treated", "n1i", "treated_n", "n_t", "n_e"),
    "events_control": ("events_control", "ci", "cpos", "control_events", "events_c", "event_c"),
    "non_events_control": ("non_events_control", "di", "cneg"),
    "n_control": ("n_control", "n2i", "control_n", "n_c"),
    "estimate": ("estimate", "effect"),
    "low": ("ci_low", "low", "lower", "ci_lower", "lcl", "ci_lb", "lower_95", "ll"),
    "high": ("ci_high", "high", "upper", "ci_upper", "ucl", "ci_ub", "upper_95", "ul"),
    "log_estimate": ("log_estimate", "yi", "te"),
    "se": ("se", "sei", "standard_error", "sete", "se_log"),
}
# A column named after a measure holds its estimate, and must be the measure that is pooled.
ESTIMATES = {
    **{name: ("estimate", name.upper()) for name in ("hr", "rr", "or", "rd", "md")},
    **{f"log_{name}": ("log_estimate", name.upper()) for name in ("hr", "rr", "or")},
    **{f"log{name}": ("log_estimate", name.upper()) for name in ("hr", "rr", "or")},
}
_MISSING = frozenset(
    ("", "na", "n/a", "nan", "null", "none", "nr", "n.r.", "not reported", "?", "-", "–", "—", ".")
)
_COUNT = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SEPARATED = re.compile(r"[+-]?[0-9]{1,3}(?:[ ,.'’\u00a0\u2009\u202f][0-9]{3})+(?:[.,][0-9]+)?")
_WRITTEN = "write the plain number, decimals with a point: 1234 or 0.45"


class CellError(Exception):
    """Why a cell cannot be read; `hint` says what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def plain(name: str) -> str:
    """A column's name as it is compared: `Events (treated)` is `events_treated`."""
    return re.sub(r"[^0-9a-z]+", "_", name.strip().lower()).strip("_")


def role_of(name: str) -> tuple[str, str]:
    """Role of a column and the measure its name states; empty where it is not understood."""
    key = plain(name)
    if key in ESTIMATES:
        return ESTIMATES[key]
    return next(((role, "") for role, names in NAMES.items() if key in names), ("", ""))


def near(name: str) -> str:
    """The documented name of the column that this one resembles, or nothing."""
    known = [one for names in NAMES.values() for one in names if len(one) > 2]
    close = difflib.get_close_matches(plain(name), known, 1, 0.75)
    return next((names[0] for names in NAMES.values() if close and close[0] in names), "")


def is_missing(text: str) -> bool:
    """Whether a cell says that it holds nothing."""
    return text.strip().lower() in _MISSING


def read_count(text: str) -> int:
    """A whole number of people.  Errors: CellError."""
    text = text.strip()
    if _COUNT.fullmatch(text):
        return int(text)
    if re.fullmatch(r"[-−]\s*[0-9]+", text):
        raise CellError("a count cannot be negative")
    if text.endswith("%"):
        raise CellError("a per cent is no count", "give how many patients it was")
    if _SEPARATED.fullmatch(text) or re.fullmatch(r"[0-9]+[.,][0-9]+", text):
        raise CellError("this is a thousands separator or decimals: which, is not guessed", _WRITTEN)
    raise CellError("not a whole number", "write digits only; leave the cell empty where it is not known")


def read_decimal(text: str) -> float:
    """A number with a decimal point.  Errors: CellError."""
    text = text.strip().replace("\u2212", "-")
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _SEPARATED.fullmatch(text) or "," in text:
        raise CellError("this comma may be a thousands separator or a decimal point: not guessed", _WRITTEN)
    raise CellError("not a number", _WRITTEN)


def read_year(text: str) -> int:
    """A year of four digits.  Errors: CellError."""
    if not re.fullmatch(r"[12][0-9]{3}", text.strip()):
        raise CellError("not a year", "four digits, such as 2019")
    return int(text)


def decimals(texts: Sequence[str]) -> int | None:
    """The fewest digits after the point among these; None where a number is written otherwise."""
    plain_number = r"[-+\u2212]?[0-9]*(?:\.([0-9]*))?"
    found = [re.fullmatch(plain_number, text.strip()) for text in texts]
    if not all(found):
        return None
    return min(len(one[1] or "") for one in found if one)
