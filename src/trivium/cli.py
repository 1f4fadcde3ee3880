"""The command line: arguments in, text out. Thin: what it does is in `commands`, one file a command.

click, not typer: typer 0.29 imports pydantic to read arguments, a fifth of our start (decision 0014).
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

import trivium
from trivium.core.errors import TriviumError

# Shown below the help of each command; the tests run them.
_EXAMPLES = {
    "": "trivium assess bundle.json --as-of 2024-03-05",
    "assess": "trivium assess bundle.json --as-of 2024-03-05 --set rp_ild=true",
    "regimen": "trivium regimen bundle.json --agents ivig,rituximab,tofacitinib --start 2024-03-06",
    "calendar": "trivium calendar bundle.json --agents ivig,rituximab,plasma_exchange --format svg",
    "options": "trivium options bundle.json --as-of 2024-03-05",
    "replay": "trivium replay bundle.json --format svg > timeline.svg",
    "eval": """trivium eval bundle.json "ferritin > 500 'ng/mL'" --as-of 2024-03-05""",
    "dose": "trivium dose tofacitinib --set crcl=45mL/min",
    "brief": 'trivium brief "ivig ritux tofa" --short',
    "claims": "trivium claims answer.txt --format json",
    "check": "trivium check --no-review",
    "prove": 'trivium prove --obligation "no paralysis"',
    "cql": "trivium cql > pathway.cql",
    "show": "trivium show agents tofacitinib",
    "studies": "trivium studies --agent xeljanz --outcome mortality --population mda5",
    "search": 'trivium search "CMV reactivation tofacitinib"',
    "pool": "trivium pool --example > table.csv\n  trivium pool table.csv --measure RR --method REML",
    "form": "trivium form > case.yaml",
}


def _example(command: str) -> str:
    return f"\b\nExample:\n  {_EXAMPLES[command]}"


F = TypeVar("F", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)
_KNOWLEDGE = click.option("--knowledge", type=_PATH, help="Another knowledge folder.")
_JSON = click.option("--format", "form", default="text", show_default=True, help="text or json.")


def _about_a_patient_over_time(command: F) -> F:
    """The argument and options of every command that looks at a record."""
    parts = (
        click.argument("record", type=_PATH),
        click.option("--site", type=_PATH, help="Site profile (TOML)."),
        click.option("--patient", default="", help="Which patient, when the record holds several."),
        click.option("--set", "settings", multiple=True, help="A fact you confirm now: fact=value."),
        click.option("--strict", is_flag=True, help="Fail when anything in the record was skipped."),
        _KNOWLEDGE,
    )
    for part in reversed(parts):
        command = part(command)
    return command


def _about_a_patient(command: F) -> F:
    """The same, at one day."""
    day = click.option("--as-of", default="", help="Day YYYY-MM-DD, today if left out; its end counts.")
    return _about_a_patient_over_time(day(command))


@click.group(
    help="A patient's record in, an explained and cited plan out. Decision support for professionals; "
    "content not clinically validated until a site signs it off.",
    epilog=_example(""),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(trivium.__version__, prog_name="trivium", message="%(prog)s %(version)s")
def app() -> None:
    """The root of the commands."""


@app.command(epilog=_example("assess"))
@_about_a_patient
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@click.option("--signoff", type=_PATH, help="The site's sign-off of the content (TOML).")
@click.option("--agents", default="", help="By commas: adds their orders and calendar to the plan.")
@click.option("--why", default="", help="Explain one id: a fact, criterion, recommendation, agent or alert.")
def assess(form: str, why: str, **about: Any) -> None:
    """Make the plan for a patient: where they stand, what is recommended, dangerous, missing, and why.

    RECORD is a FHIR R4 bundle, NDJSON or folder (JSON, gzip), or a form (YAML or JSON).
    """
    from trivium.commands.assess import Request, run

    sys.stdout.write(run(Request(**about), form, why, colour=_colour()))


@app.command(epilog=_example("replay"))
@_about_a_patient_over_time
@click.option("--from", "first", default="", help="First day; the first the record dates if left out.")
@click.option("--to", "last", default="", help="Last day; the last the record dates if left out.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or svg.")
def replay(form: str, first: str, last: str, **about: Any) -> None:
    """Walk through a record: how the plan changed on each day, and because of which facts.

    RECORD is as for assess. SVG draws one patient; the text form says the same in words.
    """
    from trivium.commands.assess import Request
    from trivium.commands.replay import run

    sys.stdout.write(run(Request(**about), form, first, last, colour=_colour()))


@app.command("eval", epilog=_example("eval"))
@_about_a_patient
@click.argument("expression")
@_JSON
def evaluate(expression: str, form: str, **about: Any) -> None:
    """Answer one question about a patient: true, false or unknown first, then why.

    EXPRESSION is for example "lymphocyte_count < 0.5 '10*3/uL'".
    """
    from trivium.commands.assess import Request
    from trivium.commands.evaluate import run

    sys.stdout.write(run(Request(**about), expression, form))


@app.command(epilog=_example("dose"))
@click.argument("agent")
@click.argument("record", type=_PATH, required=False)
@click.option("--regimen", default="", help="Which way of giving it; its default if left out.")
@click.option("--as-of", default="", help="Day YYYY-MM-DD, today if left out; its end counts.")
@click.option("--site", type=_PATH, help="Site profile (TOML).")
@click.option("--patient", default="", help="Which patient, when the record holds several.")
@click.option("--set", "settings", multiple=True, help="A fact you confirm now: weight=70kg.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@_KNOWLEDGE
def dose(form: str, **about: Any) -> None:
    """Work out the dose of one agent, with every step, limit and interaction.

    Without a RECORD only what is set is known; what is missing is asked, never assumed.
    """
    from trivium.commands.dose import DoseRequest, run

    sys.stdout.write(run(DoseRequest(**about), form, colour=_colour()))


def _about_a_regimen(command: F) -> F:
    """The argument and options of commands that look at chosen agents for one patient."""
    parts = (
        click.argument("record", type=_PATH, required=False),
        click.option(
            "--agents", required=True, help="Agents by commas, the most urgent first; agent:regimen."
        ),
        click.option("--start", default="", help="First day of treatment; the day of the plan if left out."),
        click.option("--days", default=84, show_default=True, help="How many days the calendar shows."),
        click.option("--ward-days", default=0, help="Days on a ward that treats on any day of the week."),
        click.option("--as-of", default="", help="Day YYYY-MM-DD, today if left out; its end counts."),
        click.option("--site", type=_PATH, help="Site profile (TOML)."),
        click.option("--patient", default="", help="Which patient, when the record holds several."),
        click.option("--set", "settings", multiple=True, help="A fact you confirm now: weight=70kg."),
        click.option("--output", type=_PATH, help="A file to write to."),
        _KNOWLEDGE,
    )
    for part in reversed(parts):
        command = part(command)
    return command


@app.command(epilog=_example("regimen"))
@_about_a_regimen
@click.option("--short", is_flag=True, help="The orders and what is needed first.")
@click.option(
    "--format", "form", default="text", show_default=True, help="text, md, html, json, pdf or fhir."
)
def regimen(form: str, short: bool, **about: Any) -> None:
    """Make chosen agents executable: doses with their working, clashes, calendar, supplies, orders to sign.

    RECORD is as for assess; without it only what is set is known. FHIR is a bundle with a RequestGroup.
    """
    from trivium.commands.regimen import RegimenRequest, run

    sys.stdout.write(run(RegimenRequest(**about), form, short))


@app.command(epilog=_example("calendar"))
@_about_a_regimen
@click.option("--format", "form", default="text", show_default=True, help="text, md, json, svg or ics.")
def calendar(form: str, **about: Any) -> None:
    """Find the earliest safe calendar of chosen agents, or name the rules that clash.

    RECORD is as for assess; without it only what is set is known.
    """
    from trivium.commands.regimen import RegimenRequest, run_calendar

    sys.stdout.write(run_calendar(RegimenRequest(**about), form))


@app.command(epilog=_example("options"))
@_about_a_patient
@click.option("--format", "form", default="text", show_default=True, help="text, md, html or json.")
def options(form: str, **about: Any) -> None:
    """Lay the second and third agents side by side for a patient: what bars each, risks, onset, evidence.

    RECORD is as for assess. Columns, no score: the choice is the clinician's.
    """
    from trivium.commands.assess import Request
    from trivium.commands.options import run

    sys.stdout.write(run(Request(**about), form))


@app.command(epilog=_example("check"))
@click.argument("knowledge", type=_PATH, required=False)
@click.option("--review/--no-review", default=True, help="Print what rests on weak sources.")
def check(knowledge: Path | None, review: bool) -> None:
    """Check the knowledge: every defect with its place; then what is only weakly seen, for review."""
    from trivium.commands.check import run

    sys.stdout.write(run(knowledge, review))


@app.command(epilog=_example("prove"))
@click.option("--obligation", default="", help="One of them only; all if left out.")
@_KNOWLEDGE
def prove(obligation: str, knowledge: Path | None) -> None:
    """Prove the safety properties over all states of a patient, or refute one with a patient.

    What is not proved ends with exit code 4.
    """
    from trivium.commands.prove import run

    sys.stdout.write(run(obligation, knowledge))


@app.command(epilog=_example("cql"))
@_KNOWLEDGE
def cql(knowledge: Path | None) -> None:
    """Write the pathway as a CQL library: facts as parameters, every expression as a define."""
    from trivium.commands.cql import run

    sys.stdout.write(run(knowledge))


@app.command(epilog=_example("show"))
@click.argument("what", default="")
@click.argument("name", metavar="[ID]", default="")
@_JSON
@_KNOWLEDGE
def show(what: str, name: str, form: str, knowledge: Path | None) -> None:
    """Show what the knowledge says: a list, or one thing in full with its sources.

    WHAT is pathway (all of it on one page, to review), or facts, criteria, recommendations, agents,
    alerts, scores, statements, sources or valuesets.
    """
    from trivium.commands.show import run

    sys.stdout.write(run(what, name, form, knowledge))


@app.command(epilog=_example("brief"))
@click.argument("question")
@click.option("--short", is_flag=True, help="One screen: the bottom line.")
@click.option("--format", "form", default="text", show_default=True, help="text, md, html, json or pdf.")
@click.option("--output", type=_PATH, help="A file to write to.")
@_KNOWLEDGE
def brief(**request: Any) -> None:
    """Write a graded, cited brief about any agents or regimen, with every number's source.

    QUESTION is in plain words: agents, brands, short forms or classes; outcomes or designs narrow it.
    """
    from trivium.commands.brief import Request, run

    sys.stdout.write(run(Request(**request)))


@app.command(epilog=_example("claims"))
@click.argument("file", type=_PATH, required=False)
@click.option("--verdict", default="", help="Only these: conflicting, inflated, not found, supported, …")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@_KNOWLEDGE
def claims(file: Path | None, verdict: str, form: str, knowledge: Path | None) -> None:
    """List the audited claims; or hold a text, such as a machine-written answer, against the base.

    Every sentence of FILE (- for standard input) that asserts a number, a strength or a dose about agents
    comes out supported, conflicting, inflated, not found or not judged, with the row it was held against.
    """
    from trivium.commands.claims import run

    sys.stdout.write(run(file, form, verdict, knowledge))


@app.command(epilog=_example("studies"))
@click.argument("question", default="")
@click.option("--agent", "agents", multiple=True, help="With this agent; repeated: with all of them.")
@click.option("--without", multiple=True, help="In arms without this agent.")
@click.option("--outcome", "outcomes", multiple=True, help="With this outcome.")
@click.option("--design", "designs", multiple=True, help="Of this design.")
@click.option("--population", "populations", multiple=True, help="In these patients.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@_KNOWLEDGE
def studies(form: str, knowledge: Path | None, **asked: Any) -> None:
    """List studies by agent, outcome, design and population, with their arms and results.

    QUESTION is in plain words ("ivig ritux cohort survival"), or the id of one study to see all of it.
    Names may be brands, short forms, classes or misspelt; what they were taken for is said.
    """
    from trivium.commands.studies import Asked, run

    sys.stdout.write(run(Asked(**asked), form, knowledge))


@app.command(epilog=_example("search"))
@click.argument("words", nargs=-1)
@click.option("--kind", "kinds", multiple=True, help="study, statement, claim, agent or source only.")
@click.option("--limit", default=10, show_default=True, help="How many to show at most.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@_KNOWLEDGE
def search(
    words: tuple[str, ...], kinds: tuple[str, ...], limit: int, form: str, knowledge: Path | None
) -> None:
    """Search the text of studies, statements, claims, agents and sources; best first."""
    from trivium.commands.search import run

    sys.stdout.write(run(" ".join(words), kinds, limit, form, knowledge))


@app.command(epilog=_example("pool"))
@click.argument("table", type=_PATH, required=False)
@click.option("--measure", default="", help="RR, OR, RD, HR, MD or PROP (single arms).")
@click.option("--method", default="", help="EE, DL, REML, PM, ML, HE, SJ, MH, PETO, GLMM or COUNTS.")
@click.option("--interval", default="", help="wald, hk (Hartung-Knapp), hk-max (q at least 1) or exact.")
@click.option("--prediction", default="t_k_minus_1", help="none, z, t_k_minus_1 or t_k_minus_2.")
@click.option("--level", default=95.0, show_default=True, help="Level of the intervals in per cent.")
@click.option("--also", multiple=True, help="leave-one-out, cumulative, subgroups or small-study.")
@click.option("--mix-time-points", is_flag=True, help="Pool different time points, and say so.")
@click.option("--reference", type=_PATH, help="Hold a file of reference cases against this installation.")
@click.option("--example", is_flag=True, help="Print a table to start from.")
@click.option("--format", "form", default="text", show_default=True, help="text, json, svg or md.")
def pool(
    table: Path | None, reference: Path | None, example: bool, form: str, also: tuple[str, ...], **asked: Any
) -> None:
    """Pool the studies of your own table, and say how: estimator, interval, prediction interval.

    TABLE is CSV (comma, semicolon or tab), one row a study. With --reference, exit code 1 says that a number
    differs or could not be judged.
    """
    from trivium.commands import pool as command

    text, code = command.run(table, reference, example, command.Request(also=also, **asked), form)
    sys.stdout.write(text)
    sys.exit(code)


@app.command(epilog=_example("form"))
@_KNOWLEDGE
def form(knowledge: Path | None) -> None:
    """Write an empty, commented form to fill in by hand."""
    from trivium.commands.form import run

    sys.stdout.write(run(knowledge))


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def main() -> None:
    """Run the command line; every error leaves in words and with an exit code that means something.

    Exit codes: 0 done, 2 usage, 3 unreadable record, 4 knowledge does not check, 1 a fault of ours.
    """
    _speak_utf8()
    try:
        app(prog_name="trivium")
    except TriviumError as problem:
        _fail(str(problem), problem.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output left
    except Exception as problem:
        if os.environ.get("TRIVIUM_DEBUG"):
            raise
        # The type only: a message could carry a patient's data.
        hint = "run again with TRIVIUM_DEBUG=1 to see where; then please report it"
        _fail(f"a fault in Trivium itself ({type(problem).__name__}); no plan was made\n  hint: {hint}", 1)


def _speak_utf8() -> None:
    """Output is UTF-8 wherever it goes, except to a terminal that speaks otherwise: that one gets a `?`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="replace")


def _fail(message: str, code: int) -> None:
    # A message may quote a record: nothing of it may steer the terminal.
    shown = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in message)
    sys.stderr.write(f"trivium: {shown}\n")
    sys.exit(code)
