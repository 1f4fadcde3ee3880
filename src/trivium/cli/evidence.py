"""Commands about the evidence: briefs, claims, studies, search, pooling."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from trivium.cli.common import KNOWLEDGE, PATH, app, example


@app.command(epilog=example("brief"))
@click.argument("question")
@click.option("--short", is_flag=True, help="One screen: the bottom line.")
@click.option("--format", "form", default="text", show_default=True, help="text, md, html, json or pdf.")
@click.option("--output", type=PATH, help="A file to write to.")
@KNOWLEDGE
def brief(**request: Any) -> None:
    """Write a graded, cited brief about any agents or regimen, with every number's source.

    QUESTION is in plain words: agents, brands, short forms or classes; outcomes or designs narrow it.
    """
    from trivium.commands.brief import Request, run

    sys.stdout.write(run(Request(**request)))


@app.command(epilog=example("claims"))
@click.argument("file", type=PATH, required=False)
@click.option("--verdict", default="", help="Only these: conflicting, inflated, not found, supported, …")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@KNOWLEDGE
def claims(file: Path | None, verdict: str, form: str, knowledge: Path | None) -> None:
    """List the audited claims; or hold a text, such as a machine-written answer, against the base.

    Every sentence of FILE (- for standard input) that asserts a number, a strength or a dose about agents
    comes out supported, conflicting, inflated, not found or not judged, with the row it was held against.
    """
    from trivium.commands.claims import run

    sys.stdout.write(run(file, form, verdict, knowledge))


@app.command(epilog=example("studies"))
@click.argument("question", default="")
@click.option("--agent", "agents", multiple=True, help="With this agent; repeated: with all of them.")
@click.option("--without", multiple=True, help="In arms without this agent.")
@click.option("--outcome", "outcomes", multiple=True, help="With this outcome.")
@click.option("--design", "designs", multiple=True, help="Of this design.")
@click.option("--population", "populations", multiple=True, help="In these patients.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@KNOWLEDGE
def studies(form: str, knowledge: Path | None, **asked: Any) -> None:
    """List studies by agent, outcome, design and population, with their arms and results.

    QUESTION is in plain words ("ivig ritux cohort survival"), or the id of one study to see all of it.
    Names may be brands, short forms, classes or misspelt; what they were taken for is said.
    """
    from trivium.commands.studies import Asked, run

    sys.stdout.write(run(Asked(**asked), form, knowledge))


@app.command(epilog=example("search"))
@click.argument("words", nargs=-1)
@click.option("--kind", "kinds", multiple=True, help="study, statement, claim, agent or source only.")
@click.option("--limit", default=10, show_default=True, help="How many to show at most.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@KNOWLEDGE
def search(
    words: tuple[str, ...], kinds: tuple[str, ...], limit: int, form: str, knowledge: Path | None
) -> None:
    """Search the text of studies, statements, claims, agents and sources; best first."""
    from trivium.commands.search import run

    sys.stdout.write(run(" ".join(words), kinds, limit, form, knowledge))


@app.command(epilog=example("pool"))
@click.argument("table", type=PATH, required=False)
@click.option("--measure", default="", help="RR, OR, RD, HR, MD or PROP (single arms).")
@click.option("--method", default="", help="EE, DL, REML, PM, ML, HE, SJ, MH, PETO, GLMM or COUNTS.")
@click.option("--interval", default="", help="wald, hk (Hartung-Knapp), hk-max (q at least 1) or exact.")
@click.option("--prediction", default="t_k_minus_1", help="none, z, t_k_minus_1 or t_k_minus_2.")
@click.option("--level", default=95.0, show_default=True, help="Level of the intervals in per cent.")
@click.option("--also", multiple=True, help="leave-one-out, cumulative, subgroups or small-study.")
@click.option("--plot", default="forest", show_default=True, help="forest, or funnel with small-study.")
@click.option("--mix-time-points", is_flag=True, help="Pool different time points, and say so.")
@click.option("--reference", type=PATH, help="Hold a file of reference cases against this installation.")
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
