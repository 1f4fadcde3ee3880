"""Studies and search results as text and Markdown: plain data of `trivium.evidence.listing` in, text out.

Printed counts stand as `events/total`; a count worked out from a percent is marked `~`, a percent without a
count stands alone. Every row that is only weakly seen says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivium.faces.lines import clean, wrapped

Data = dict[str, Any]

LEGEND = (
    "events/total as printed; ~ a count worked out from the printed percent; [..] agents: in part, before, "
    "inferred; a row is marked unless it was read in the abstract or better"
)
_WELL_SEEN = ("verbatim-source", "full-text", "abstract")
_ALL_SHOWN = 12  # outcomes of a study, where none was asked for


def render_text(data: Data) -> str:
    """The answer of `trivium studies` for a terminal."""
    lines = [*_said(data["question"]), *_counted(data), ""]
    for study in data["studies"]:
        lines += [*_study(study), ""]
    if data["studies"]:
        lines += wrapped(LEGEND)
    return "\n".join(lines) + "\n"


def render_list(data: Data) -> str:
    """All studies in a line each, where nothing in particular was asked for."""
    lines = [f"{data['of']} studies; ask by agent, outcome, design or population", ""]
    for study in data["studies"]:
        n = "" if study["population"]["n"] is None else f", {_patients(study['population']['n'])}"
        lines += wrapped(
            f"{study['id']}  {study['design_label']}{n}. {study['reference']['title']}", "", "  "
        )
    return "\n".join(lines) + "\n"


def render_markdown(data: Data) -> str:
    """The same as Markdown: one table a study."""
    lines = ["# Studies", "", *(f"- {clean(line)}" for line in data["question"]["said"]), ""]
    lines += [f"{clean(line)}  " for line in _counted(data)]
    for study in data["studies"]:
        lines += ["", *_section(study)]
    if data["studies"]:
        lines += ["", f"*{LEGEND}*"]
    return "\n".join(lines) + "\n"


def render_study(data: Data, markdown: bool = False) -> str:
    """One study with everything that is known of it."""
    lines = list(_section(data)) if markdown else list(_study(data))
    extra = [f"{key.replace('_', ' ')}: {_value(value)}" for key, value in _rest(data)]
    for line in extra:
        lines += [f"- {_cell(line)}"] if markdown else wrapped(line, "  ", "    ")
    return "\n".join([*lines, "", *([f"*{LEGEND}*"] if markdown else wrapped(LEGEND))]) + "\n"


def render_hits(data: Data) -> str:
    """The answer of `trivium search` for a terminal."""
    lines = list(_said(data["question"])) if data["question"]["readings"] else []
    if data["nowhere"]:
        lines.append(f"Nowhere in the base: {', '.join(clean(word) for word in data['nowhere'])}")
    shown = len(data["hits"])
    lines.append(f"{data['total']} found, {shown} shown" if data["total"] else "Nothing found.")
    for hit in data["hits"]:
        badge = f" [{hit['badge']}]" if hit["badge"] else ""
        lines += ["", *wrapped(f"{hit['rank']}. {hit['kind']} {hit['id']}{badge}")]
        lines += wrapped(hit["title"], "   ")
        if hit["snippet"] and hit["snippet"] != hit["title"]:
            lines += wrapped(hit["snippet"], "   … ", "     ")
    return "\n".join(lines) + "\n"


def render_hits_markdown(data: Data) -> str:
    """The same as Markdown."""
    lines = [f"# {clean(data['question']['text'])}", ""]
    lines += [f"{data['total']} found, {len(data['hits'])} shown.", ""]
    for hit in data["hits"]:
        badge = f" ({hit['badge']})" if hit["badge"] else ""
        lines.append(f"{hit['rank']}. **{hit['kind']} `{hit['id']}`**{badge}: {clean(hit['title'])}")
    return "\n".join(lines) + "\n"


def _said(question: Data) -> Iterator[str]:
    for line in question["said"]:
        yield from wrapped(line, "", "  ")


def _counted(data: Data) -> Iterator[str]:
    yield f"{data['count']} of {data['of']} studies"
    question = data["question"]
    several = len(question["agents"]) > 1 and len(question["sides"]) == 1 and not question["is_each"]
    if several and not any(study["all_in_one_arm"] for study in data["studies"]):
        yield "No study gave all of them together to one arm."
    for name, ids in data["not_stated"].items():
        text = f"left out, because the text read does not say whether {name} applies: {', '.join(ids)}"
        yield from wrapped(f"{len(ids)} {text}")


def _study(study: Data) -> Iterator[str]:
    yield from wrapped(f"{study['id']}  {_citation(study)}", "", "  ")
    yield from wrapped(_about(study), "  ")
    for arm in study["arms"]:
        yield from wrapped(_arm(study, arm), "  ", "     ")
    shown, more = _shown(study)
    for outcome in shown:
        for line in _outcome(outcome):
            yield from wrapped(line, "  - ", "    ")
    if more:
        yield f"    and {more} more outcomes (trivium studies {study['id']})"
    for overlap in study["overlaps"]:
        yield from wrapped(_overlap(overlap), "  ! ", "    ")
    if study["conflicts_with"]:
        yield from wrapped(f"differs from {', '.join(study['conflicts_with'])}", "  ! ", "    ")
    for finding in study["findings"]:
        yield from wrapped(f"{finding['sort']}: {finding['text']}{_badge(finding['seen'])}", "  * ", "    ")
    if study["limitations"]:
        yield from wrapped(f"limits: {'; '.join(study['limitations'])}", "  ", "    ")


def _overlap(overlap: Data) -> str:
    may = "may share" if overlap["sort"] == "possible" else "shares"
    why = f": {overlap['why']}" if overlap["why"] else ""
    return f"{may} patients with {overlap['study']}{why}"


def _patients(count: int) -> str:
    return "1 patient" if count == 1 else f"{count} patients"


def _shown(study: Data) -> tuple[list[Data], int]:
    """The outcomes to show, those that were asked for, and how many are left."""
    asked = study.get("asked_outcomes")
    outcomes = [each for each in study["outcomes"] if asked is None or each["id"] in asked]
    limit = len(outcomes) if asked is None else _ALL_SHOWN
    return outcomes[:limit], len(outcomes) - len(outcomes[:limit])


def _citation(study: Data) -> str:
    reference = study["reference"]
    where = " ".join(str(part) for part in (reference["journal"], reference["year"]) if part)
    ids = [f"doi:{reference['doi']}"] if reference["doi"] else []
    ids += [f"PMID {reference['pmid']}"] if reference["pmid"] else []
    unseen = f"not seen: {', '.join(reference['unseen'])}" if reference["unseen"] else ""
    status = reference["status"].upper()
    parts = [reference["authors"], reference["title"], where, *ids, unseen, status]
    return ". ".join(part.rstrip(".") for part in parts if part)


def _about(study: Data) -> str:
    population = study["population"]
    parts = [study["design_label"], study["design_note"], study["country"]]
    if population["n"] is not None:
        parts.append(f"{_patients(population['n'])}{' (summed)' if population['n_derived'] else ''}")
    parts += [
        f"{label} {population[name]}"
        for name, label in (
            ("mda5_positive", "anti-MDA5"),
            ("rp_ild", "RP-ILD"),
            ("ild", "ILD"),
            ("cadm", "CADM"),
        )
        if population[name] is not None
    ]
    return "; ".join(part for part in (*parts, population["stage"]) if part)


def _arm(study: Data, arm: Data) -> str:
    size = f", {_patients(arm['n'])}" if arm["n"] is not None else ", size not printed"
    labels = arm["labels"]
    agents = " + ".join(labels["agents"])
    aside = [
        f"[{word}: {', '.join(labels[key])}]"
        for key, word in (("in_part", "in part"), ("before", "before"), ("inferred", "inferred"))
        if labels[key]
    ]
    treatment = " ".join(part for part in (agents, *aside) if part)
    mark = "*" if arm["id"] in study.get("asked_arms", {}) and study["asked_arms"][arm["id"]] else " "
    given = f": {treatment}" if treatment else ""
    return f"{mark}{arm['id']} {arm['label']}{size}{given}{_badge(arm['n_seen'] or 'abstract')}"


def _outcome(outcome: Data) -> Iterator[str]:
    yield f"{_outcome_name(outcome)}: {_outcome_values(outcome)}{_badge(outcome['seen'])}"


def _outcome_name(outcome: Data) -> str:
    time = outcome["time"] or (f"{outcome['weeks']} weeks" if outcome["weeks"] is not None else "")
    aside = ", ".join(
        part
        for part in (outcome["definition"], outcome["subgroup"] and f"in {outcome['subgroup']}", time)
        if part
    )
    return f"{outcome['label']}{' (' + aside + ')' if aside else ''}"


def _outcome_values(outcome: Data) -> str:
    rows = [f"{row['arm']} {_result(row)}" for row in outcome["results"]]
    if outcome["pooled"]:
        rows.append(f"all arms {_result(outcome['pooled'])}")
    if outcome["effect"]:
        rows.append(_effect(outcome["effect"]))
    rows += [f"{key.replace('_', ' ')} {_value(value)}" for key, value in outcome["further"].items()]
    if outcome["note"]:
        rows.append(outcome["note"])
    return "; ".join(rows) or "no number in the text read"


def _result(row: Data) -> str:
    parts = []
    total = "?" if row["total"] is None else row["total"]
    if row["events"] is not None:
        parts.append(f"{row['events']}/{total}")
    elif row["events_derived"] is not None:
        parts.append(f"~{row['events_derived']}/{total}")
    if row["percent"] is not None:
        parts.append(f"{row['percent']}%{_interval(row['ci'])}" + ("" if parts else f" of {total}"))
    elif row["percent_text"]:
        parts.append(f"{row['percent_text']} (as printed)")
    parts += [f"{key.replace('_', ' ')} {_value(value)}" for key, value in row["further"].items()]
    if row["percent"] is None and row["ci"] != [None, None]:
        parts.append(_interval(row["ci"]).strip())
    if not parts:
        parts.append("no number")
    aside = row["explained"] or row["note"]
    return " ".join(parts) + (f" [{aside}]" if aside else "")


def _effect(effect: Data) -> str:
    parts = [f"{effect['comparison']}:" if effect["comparison"] else "", effect["measure"]]
    if effect["value"] is not None:
        parts.append(f"{effect['value']}{_interval(effect['ci'])}")
    if effect["p"]:
        parts.append(f"p {effect['p']}")
    if effect["significant"] is False:
        parts.append("not significant")
    parts += [
        f"({word})"
        for word in ("adjusted" if effect["adjusted"] else "", effect["method"], effect["direction"])
        if word
    ]
    parts += [f"{key.replace('_', ' ')} {_value(value)}" for key, value in effect["further"].items()]
    aside = effect["explained"] or effect["note"]
    return " ".join(part for part in parts if part) + (f" [{aside}]" if aside else "")


def _interval(ends: list[Any]) -> str:
    low, high = ends
    if low is None and high is None:
        return ""
    return f" ({'?' if low is None else low} to {'?' if high is None else high})"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_value(each)}" for key, each in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, list) else str(value)


def _badge(seen: str) -> str:
    return "" if seen in _WELL_SEEN else f" [seen: {seen}]"


def _rest(study: Data) -> Iterator[tuple[str, Any]]:
    """What a full view has beyond a list: characteristics, notes, funding, judgements, addresses."""
    population = study["population"]
    yield from population["further"].items()
    yield from ((f"{name} (note)", text) for name, text in population["notes"].items())
    yield from ((f"{name} seen", text) for name, text in population["seen"].items())
    for arm in study["arms"]:
        yield from ((f"arm {arm['id']} dose of {agent}", text) for agent, text in arm["dose"].items())
        yield from ((f"arm {arm['id']} {name}", value) for name, value in arm["further"].items())
        if arm["note"]:
            yield f"arm {arm['id']}", arm["note"]
    for name in ("cohort", "funding"):
        if study[name]:
            yield name, study[name]
    if study["risk_of_bias"]:
        yield "risk of bias", study["risk_of_bias"]
    yield from study["remarks"].items()
    yield from study["further"].items()
    for name in ("registration", "pmcid", "url", "access"):
        if study["reference"][name]:
            yield name, study["reference"][name]


def _section(study: Data) -> Iterator[str]:
    yield f"## {study['id']}"
    yield ""
    yield clean(_citation(study))
    yield ""
    yield clean(_about(study))
    yield ""
    for arm in study["arms"]:
        yield f"- {clean(_arm(study, arm)).strip()}"
    shown, _ = _shown(study)
    if shown:
        yield ""
        yield "| outcome | result | seen |"
        yield "|---|---|---|"
    for outcome in shown:
        yield f"| {_cell(_outcome_name(outcome))} | {_cell(_outcome_values(outcome))} | {outcome['seen']} |"
    yield ""
    for overlap in study["overlaps"]:
        yield f"- {_cell(_overlap(overlap))}"
    if study["limitations"]:
        yield f"- limits: {_cell('; '.join(study['limitations']))}"


def _cell(text: str) -> str:
    return clean(text).replace("|", "\\|")
