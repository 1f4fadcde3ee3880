"""Commands about one patient: the plan, a question, a course through time."""

from __future__ import annotations

import sys
from typing import Any

import click

from trivium.cli.common import JSON, PATH, about_a_patient, about_a_patient_over_time, app, colour, example


@app.command(epilog=example("assess"))
@about_a_patient
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@click.option("--signoff", type=PATH, help="The site's sign-off of the content (TOML).")
@click.option("--agents", default="", help="By commas: adds their orders and calendar to the plan.")
@click.option("--why", default="", help="Explain one id: a fact, criterion, recommendation, agent or alert.")
def assess(form: str, why: str, **about: Any) -> None:
    """Make the plan for a patient: where they stand, what is recommended, dangerous, missing, and why.

    RECORD is a FHIR R4 bundle, NDJSON or folder (JSON, gzip), or a form (YAML or JSON).
    """
    from trivium.commands.assess import Request, run

    sys.stdout.write(run(Request(**about), form, why, colour=colour()))


@app.command(epilog=example("replay"))
@about_a_patient_over_time
@click.option("--from", "first", default="", help="First day; the first the record dates if left out.")
@click.option("--to", "last", default="", help="Last day; the last the record dates if left out.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or svg.")
def replay(form: str, first: str, last: str, **about: Any) -> None:
    """Walk through a record: how the plan changed on each day, and because of which facts.

    RECORD is as for assess. SVG draws one patient; the text form says the same in words.
    """
    from trivium.commands.assess import Request
    from trivium.commands.replay import run

    sys.stdout.write(run(Request(**about), form, first, last, colour=colour()))


@app.command("eval", epilog=example("eval"))
@about_a_patient
@click.argument("expression")
@JSON
def evaluate(expression: str, form: str, **about: Any) -> None:
    """Answer one question about a patient: true, false or unknown first, then why.

    EXPRESSION is for example "lymphocyte_count < 0.5 '10*3/uL'".
    """
    from trivium.commands.assess import Request
    from trivium.commands.evaluate import run

    sys.stdout.write(run(Request(**about), expression, form))
