"""`trivium pool`: a user's own studies pooled, or a file of reference cases held against this installation.

The JSON form is what `forest_data` says (estimate, names of all methods, studies, who was left out, notes)
and, each where it was asked for with `--also`:

    leave_one_out  [{label, …result without its studies}]
    cumulative     {steps: [as above], left_out: [{study, counts, reason}]}
    subgroups      {groups: [{label, …result}], q_between, df, p_value, reason}
    small_study    {points: [{study, estimate, se}], centre, half_width, scale, egger, reason}

beside `table` (file, delimiter, rows, columns not used) and `versions`. Of `--reference` it is

    {file, agree, differ, not_judged, numbers: [{case, key, part, expected, computed, tolerance, verdict,
    note}], versions}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import orjson

import trivium
from trivium.core.errors import RecordError, UsageError

FORMATS = ("text", "json", "svg", "md")
ALSO = ("leave-one-out", "cumulative", "subgroups", "small-study")
PLOTS = ("forest", "funnel")
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for; empty strings take the defaults of the measure."""

    measure: str = ""
    method: str = ""
    interval: str = ""
    prediction: str = "t_k_minus_1"
    level: float = 95.0
    also: tuple[str, ...] = ()
    plot: str = "forest"
    mix_time_points: bool = False


def example_table() -> str:
    """A table to start from."""
    from importlib import resources

    return resources.files("trivium.evidence.synthesis").joinpath("bcg.csv").read_text(encoding="utf-8")


def run(
    table: Path | None, reference: Path | None, example: bool, request: Request, form: str
) -> tuple[str, int]:
    """What was asked for, and the exit code.

    Errors:  UsageError for words that name nothing or do not go together; RecordError with line and column
             for a file that cannot be read.
    """
    if sum((table is not None, reference is not None, example)) != 1:
        raise UsageError(
            "nothing to pool" if table is None else "more than one thing to do",
            hint="give a TABLE with --measure, or --reference FILE, or --example",
        )
    if example:
        return example_table(), 0
    if reference is not None:
        return run_reference(reference, form)
    assert table is not None
    return run_table(table, request, form), 0


def run_table(path: Path, request: Request, form: str) -> str:
    """The pool of one table in the format asked for."""
    _check_form(form, FORMATS)
    _check_word("--plot", request.plot, PLOTS)
    for name in request.also:
        _check_word("--also", name, ALSO)
    data = pool_data(path, request)
    if form == "json":
        return _json(data)
    if form == "svg":
        return _picture(data, request.plot)
    from trivium.faces import forest_text

    return forest_text.markdown(data) if form == "md" else forest_text.render(data)


def _picture(data: Data, plot: str) -> str:
    if plot == "forest":
        from trivium.faces.forest import render as render_forest

        return render_forest({**data, "groups": data.get("subgroups", {}).get("groups", [])})
    if "small_study" not in data:
        raise UsageError("a funnel plot without its data", hint="ask for them with --also small-study")
    from trivium.faces.funnel import render as render_funnel

    return render_funnel(data)


def pool_data(path: Path, request: Request) -> Data:
    """The pool as published."""
    from trivium.evidence.synthesis import Measure, Settings, forest_data, pool
    from trivium.evidence.synthesis.table import read_table

    measures: tuple[Measure, ...] = get_args(Measure)
    measure = next((one for one in measures if one == request.measure.upper()), None)
    if measure is None:
        raise UsageError(
            f"--measure {request.measure!r} is not known" if request.measure else "--measure is missing",
            hint=f"one of: {', '.join(measures)}",
        )
    settings = Settings(
        measure,
        request.method.upper(),
        request.interval,
        request.prediction,
        request.level / 100 if request.level > 1 else request.level,
        request.mix_time_points,
    )
    table = read_table(path, measure, settings.level)
    if not table.rows:
        lacking = "; ".join(f"line {one.line}, {one.study}: {one.reason}" for one in table.skipped)
        raise RecordError("no study that can be pooled", where=str(path), why=lacking or "it has no rows")
    data = forest_data(pool(table.rows, settings))
    data["left_out"] += [
        {"study": one.study, "counts": [], "reason": f"line {one.line}: {one.reason}"}
        for one in table.skipped
    ]
    if table.ignored:
        data["notes"].append(f"columns that were not used: {', '.join(table.ignored)}")
    return {
        **data,
        **_series(request.also, table.rows, settings),
        "table": {
            "file": path.name,
            "delimiter": table.delimiter,
            "rows": len(table.rows) + len(table.skipped),
            "ignored": list(table.ignored),
        },
        "versions": {"engine": trivium.__version__},
    }


def _series(also: Sequence[str], rows: Sequence[Any], settings: Any) -> Data:
    """What was asked for beside the pool, in one order."""
    from trivium.evidence.synthesis import around, published

    found: Data = {}
    if "leave-one-out" in also:
        found["leave_one_out"] = published.steps_data(around.leave_one_out(rows, settings))
    if "cumulative" in also:
        found["cumulative"] = published.cumulative_data(around.cumulative(rows, settings))
    if "subgroups" in also:
        found["subgroups"] = published.subgroups_data(around.subgroups(rows, settings))
    if "small-study" in also:
        found["small_study"] = published.small_study_data(around.small_study(rows, settings))
    return found


# ── Reference cases ─────────────────────────────────────────────────────────────────────────────────


def run_reference(path: Path, form: str) -> tuple[str, int]:
    """Every number of a file of reference cases against this installation; 0 if all agree, else 1.

    Errors:  UsageError for a format, RecordError for a file that cannot be read.
    """
    _check_form(form, ("text", "json", "md"))
    data = reference_data(path)
    code = 0 if data["agree"] and not data["differ"] and not data["not_judged"] else 1
    if form == "json":
        return _json(data), code
    from trivium.faces import reference_text

    return (reference_text.markdown(data) if form == "md" else reference_text.render(data)), code


def reference_data(path: Path) -> Data:
    """The judgement of every number, as published."""
    from dataclasses import asdict

    from trivium.evidence.synthesis.reference.judge import judge_file

    numbers = [asdict(one) for one in judge_file(path)]
    for one in numbers:
        if isinstance(one["computed"], float):
            one["computed"] = float(f"{one['computed']:.10g}")

    def count(verdict: str) -> int:
        return sum(one["verdict"] == verdict for one in numbers)

    return {
        "file": path.name,
        "agree": count("agrees"),
        "differ": count("differs"),
        "not_judged": count("not judged"),
        "numbers": numbers,
        "versions": {"engine": trivium.__version__},
    }


def _json(data: Data) -> str:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _check_form(form: str, forms: Sequence[str]) -> None:
    if form not in forms:
        raise UsageError(f"no format {form!r}", hint=f"one of: {', '.join(forms)}")


def _check_word(option: str, word: str, words: Sequence[str]) -> None:
    if word not in words:
        raise UsageError(f"{option} {word!r} is not known", hint=f"one of: {', '.join(words)}")
