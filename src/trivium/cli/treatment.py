"""Commands that make an option executable: dose, regimen, calendar, options."""

from __future__ import annotations

import sys
from typing import Any

import click

from trivium.cli.common import KNOWLEDGE, PATH, about_a_patient, about_a_regimen, app, colour, example


@app.command(epilog=example("dose"))
@click.argument("agent")
@click.argument("record", type=PATH, required=False)
@click.option("--regimen", default="", help="Which way of giving it; its default if left out.")
@click.option("--as-of", default="", help="Day YYYY-MM-DD, today if left out; its end counts.")
@click.option("--site", type=PATH, help="Site profile (TOML).")
@click.option("--patient", default="", help="Which patient, when the record holds several.")
@click.option("--set", "settings", multiple=True, help="A fact you confirm now: weight=70kg.")
@click.option("--format", "form", default="text", show_default=True, help="text, json or md.")
@KNOWLEDGE
def dose(form: str, **about: Any) -> None:
    """Work out the dose of one agent, with every step, limit and interaction.

    Without a RECORD only what is set is known; what is missing is asked, never assumed.
    """
    from trivium.commands.dose import DoseRequest, run

    sys.stdout.write(run(DoseRequest(**about), form, colour=colour()))


@app.command(epilog=example("regimen"))
@about_a_regimen
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


@app.command(epilog=example("calendar"))
@about_a_regimen
@click.option("--format", "form", default="text", show_default=True, help="text, md, json, svg or ics.")
def calendar(form: str, **about: Any) -> None:
    """Find the earliest safe calendar of chosen agents, or name the rules that clash.

    RECORD is as for assess; without it only what is set is known.
    """
    from trivium.commands.regimen import RegimenRequest, run_calendar

    sys.stdout.write(run_calendar(RegimenRequest(**about), form))


@app.command(epilog=example("options"))
@about_a_patient
@click.option("--format", "form", default="text", show_default=True, help="text, md, html or json.")
def options(form: str, **about: Any) -> None:
    """Lay the second and third agents side by side for a patient: what bars each, risks, onset, evidence.

    RECORD is as for assess. Columns, no score: the choice is the clinician's.
    """
    from trivium.commands.assess import Request
    from trivium.commands.options import run

    sys.stdout.write(run(Request(**about), form))
