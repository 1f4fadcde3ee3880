"""Commands about the content: check, prove, export, show, an empty form."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trivium.cli.common import JSON, KNOWLEDGE, PATH, app, example


@app.command(epilog=example("check"))
@click.argument("knowledge", type=PATH, required=False)
@click.option("--review/--no-review", default=True, help="Print what rests on weak sources.")
def check(knowledge: Path | None, review: bool) -> None:
    """Check the knowledge: every defect with its place; then what is only weakly seen, for review."""
    from trivium.commands.check import run

    sys.stdout.write(run(knowledge, review))


@app.command(epilog=example("prove"))
@click.option("--obligation", default="", help="One of them only; all if left out.")
@KNOWLEDGE
def prove(obligation: str, knowledge: Path | None) -> None:
    """Prove the safety properties over all states of a patient, or refute one with a patient.

    What is not proved ends with exit code 4.
    """
    from trivium.commands.prove import run

    sys.stdout.write(run(obligation, knowledge))


@app.command(epilog=example("cql"))
@KNOWLEDGE
def cql(knowledge: Path | None) -> None:
    """Write the pathway as a CQL library: facts as parameters, every expression as a define."""
    from trivium.commands.cql import run

    sys.stdout.write(run(knowledge))


@app.command(epilog=example("show"))
@click.argument("what", default="")
@click.argument("name", metavar="[ID]", default="")
@JSON
@KNOWLEDGE
def show(what: str, name: str, form: str, knowledge: Path | None) -> None:
    """Show what the knowledge says: a list, or one thing in full with its sources.

    WHAT is pathway (all of it on one page, to review), or facts, criteria, recommendations, agents,
    alerts, scores, statements, sources or valuesets.
    """
    from trivium.commands.show import run

    sys.stdout.write(run(what, name, form, knowledge))


@app.command(epilog=example("form"))
@KNOWLEDGE
def form(knowledge: Path | None) -> None:
    """Write an empty, commented form to fill in by hand."""
    from trivium.commands.form import run

    sys.stdout.write(run(knowledge))
