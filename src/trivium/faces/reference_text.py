"""Agreement with reference cases, number by number: data of `commands/pool.py` in, lines out."""

from __future__ import annotations

from typing import Any

from trivium.faces.lines import clean

Data = dict[str, Any]


def render(data: Data) -> str:
    """Every number with what was expected, what came out and how far apart they may be; then the sum."""
    lines: list[str] = []
    case = None
    for one in data["numbers"]:
        if one["case"] != case:
            case = one["case"]
            lines += [*([""] if lines else []), clean(case)]
        lines.append("  " + _line(one))
    lines += ["", _sum(data)]
    return "\n".join(lines) + "\n"


def markdown(data: Data) -> str:
    """The same as one table."""
    header = ("case", "number", "expected", "computed", "difference", "tolerance", "verdict", "note")
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for one in data["numbers"]:
        cells = (one["case"], _name(one), *_shown(one), one["verdict"], one["note"])
        lines.append("| " + " | ".join(clean(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, "", _sum(data)]) + "\n"


def _line(one: Data) -> str:
    expected, computed, difference, tolerance = _shown(one)
    if one["verdict"] == "not judged":
        return f"not judged  {_name(one)}: {clean(one['note'])}"
    text = f"{one['verdict']:10}  {_name(one):32}  expected {expected:>12}  computed {computed:>14}"
    if difference:
        text += f"  off by {difference} of {tolerance} allowed"
    return clean(text + (f"  ({one['note']})" if one["note"] else ""))


def _name(one: Data) -> str:
    return " ".join(part for part in (one["key"], one["part"]) if part)


def _shown(one: Data) -> tuple[str, str, str, str]:
    """Expected, computed, difference and tolerance as text; empty where there is none."""
    expected, computed, tolerance = one["expected"], one["computed"], one["tolerance"]
    both = all(isinstance(value, int | float) for value in (expected, computed))
    return (
        _text(expected),
        _text(computed),
        f"{abs(computed - expected):.1e}" if both and tolerance is not None else "",
        "" if tolerance is None else f"{tolerance:g}",
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.7g}" if isinstance(value, int | float) else str(value)


def _sum(data: Data) -> str:
    total = data["agree"] + data["differ"] + data["not_judged"]
    return (
        f"{data['agree']} of {total} numbers agree, {data['differ']} differ, "
        f"{data['not_judged']} could not be judged"
    )
