"""The command line: arguments in, a face out. Thin: what it does is in `commands`, one file a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from trivium.core.errors import TriviumError

app = typer.Typer(
    help="A patient's record in, an explained and cited plan out. Decision support for professionals; "
    "content not clinically validated until a site signs it off.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

RecordPath = Annotated[
    Path, typer.Argument(help="FHIR R4 bundle, NDJSON or folder (JSON, gzip), or a form (YAML, JSON)")
]
AsOf = Annotated[str, typer.Option("--as-of", help="Calendar day YYYY-MM-DD; the plan is made at its end")]
SitePath = Annotated[Path | None, typer.Option("--site", help="Site profile (TOML)")]
Patient = Annotated[str, typer.Option("--patient", help="Which patient, when the record holds several")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="A fact you confirm now: fact=value; repeat for more")
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail when anything in the record was skipped")]
Root = Annotated[Path | None, typer.Option("--knowledge", help="Another knowledge folder")]


@app.command()
def assess(
    record: RecordPath,
    as_of: AsOf = "",
    form: Annotated[str, typer.Option("--format", help="text, json or md")] = "text",
    why: Annotated[str, typer.Option("--why", help="Explain one id: a fact, criterion, alert…")] = "",
    site: SitePath = None,
    patient: Patient = "",
    setting: Settings = None,
    strict: Strict = False,
    knowledge: Root = None,
) -> None:
    """Make the plan for a patient: where they stand, what is recommended, dangerous and missing, and why."""
    from trivium.commands.assess import Request, run

    request = Request(record, as_of, site, patient, tuple(setting or ()), strict, knowledge)
    sys.stdout.write(run(request, form, why, colour=_colour()))


@app.command("eval")
def evaluate(
    record: RecordPath,
    expression: Annotated[str, typer.Argument(help="For example: \"lymphocyte_count < 0.5 '10*3/uL'\"")],
    as_of: AsOf = "",
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
    site: SitePath = None,
    patient: Patient = "",
    setting: Settings = None,
    strict: Strict = False,
    knowledge: Root = None,
) -> None:
    """Answer one question about a patient: true, false or unknown first, then why."""
    from trivium.commands.assess import Request
    from trivium.commands.evaluate import run

    request = Request(record, as_of, site, patient, tuple(setting or ()), strict, knowledge)
    sys.stdout.write(run(request, expression, form))


@app.command()
def check(
    knowledge: Annotated[Path | None, typer.Argument(help="Knowledge folder; ours if left out")] = None,
    review: Annotated[bool, typer.Option(help="Print what rests on weak sources")] = True,
) -> None:
    """Check the knowledge: every defect with its place; then what is only weakly seen, for review."""
    from trivium.commands.check import run

    sys.stdout.write(run(knowledge, review))


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="facts, criteria, recommendations, alerts, agents…")] = "",
    name: Annotated[str, typer.Argument(metavar="ID", help="One of them")] = "",
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
    knowledge: Root = None,
) -> None:
    """Show what the knowledge says: a list, or one thing in full with its sources."""
    from trivium.commands.show import run

    sys.stdout.write(run(what, name, form, knowledge))


@app.command()
def form(knowledge: Root = None) -> None:
    """Write an empty, commented form to fill in by hand."""
    from trivium.commands.form import run

    sys.stdout.write(run(knowledge))


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Show the version and end")] = False,
) -> None:
    if version:
        import trivium

        sys.stdout.write(f"trivium {trivium.__version__}\n")
        raise typer.Exit


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def main() -> None:
    """Run the command line; every error leaves in words and with an exit code that means something.

    Exit codes: 0 done, 2 usage, 3 unreadable record, 4 knowledge does not check, 1 a fault of ours.
    """
    try:
        app()
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


def _fail(message: str, code: int) -> None:
    sys.stderr.write(f"trivium: {message}\n")
    sys.exit(code)
