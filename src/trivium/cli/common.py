"""What the commands share: the root, examples, arguments and options that several of them take."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

import trivium

# Shown below the help of each command; the tests run them.
EXAMPLES = {
    "": "trivium assess bundle.json --as-of 2024-03-05",
    "assess": "trivium assess bundle.json --as-of 2024-03-05 --set rp_ild=true",
    "regimen": "trivium regimen bundle.json --agents ivig,rituximab,tofacitinib --start 2024-03-06",
    "calendar": "trivium calendar bundle.json --agents methylprednisolone_pulse,tacrolimus --format svg",
    "options": "trivium options bundle.json --as-of 2024-03-05",
    "replay": "trivium replay bundle.json --format svg > timeline.svg",
    "eval": """trivium eval bundle.json "ferritin > 500 'ng/mL'" --as-of 2024-03-05""",
    "dose": "trivium dose tofacitinib --set crcl=45mL/min",
    "brief": 'trivium brief "ivig ritux tofa" --short',
    "claims": "trivium claims --verdict conflicts",
    "check": "trivium check --no-review",
    "prove": 'trivium prove --obligation "no paralysis"',
    "cql": "trivium cql > pathway.cql",
    "show": "trivium show agents tofacitinib",
    "studies": "trivium studies --agent xeljanz --outcome mortality --population mda5",
    "search": 'trivium search "CMV reactivation tofacitinib"',
    "pool": "trivium pool --example > table.csv\n  trivium pool table.csv --measure RR --method REML",
    "form": "trivium form > case.yaml",
}


def example(command: str) -> str:
    return f"\b\nExample:\n  {EXAMPLES[command]}"


F = TypeVar("F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)
KNOWLEDGE = click.option("--knowledge", type=PATH, help="Another knowledge folder.")
JSON = click.option("--format", "form", default="text", show_default=True, help="text or json.")


def about_a_patient_over_time(command: F) -> F:
    """The argument and options of every command that looks at a record."""
    parts = (
        click.argument("record", type=PATH),
        click.option("--site", type=PATH, help="Site profile (TOML)."),
        click.option("--patient", default="", help="Which patient, when the record holds several."),
        click.option("--set", "settings", multiple=True, help="A fact you confirm now: fact=value."),
        click.option("--strict", is_flag=True, help="Fail when anything in the record was skipped."),
        KNOWLEDGE,
    )
    for part in reversed(parts):
        command = part(command)
    return command


def about_a_patient(command: F) -> F:
    """The same, at one day."""
    day = click.option("--as-of", default="", help="Day YYYY-MM-DD, today if left out; its end counts.")
    return about_a_patient_over_time(day(command))


def about_a_regimen(command: F) -> F:
    """The argument and options of commands that look at chosen agents for one patient."""
    parts = (
        click.argument("record", type=PATH, required=False),
        click.option(
            "--agents", required=True, help="Agents by commas, the most urgent first; agent:regimen."
        ),
        click.option("--start", default="", help="First day of treatment; the day of the plan if left out."),
        click.option("--days", default=84, show_default=True, help="How many days the calendar shows."),
        click.option("--ward-days", default=0, help="Days on a ward that treats on any day of the week."),
        click.option("--as-of", default="", help="Day YYYY-MM-DD, today if left out; its end counts."),
        click.option("--site", type=PATH, help="Site profile (TOML)."),
        click.option("--patient", default="", help="Which patient, when the record holds several."),
        click.option("--set", "settings", multiple=True, help="A fact you confirm now: weight=70kg."),
        click.option("--output", type=PATH, help="A file to write to."),
        KNOWLEDGE,
    )
    for part in reversed(parts):
        command = part(command)
    return command


@click.group(
    help="A patient's record in, an explained and cited plan out. Decision support for professionals; "
    "content not clinically validated until a site signs it off.",
    epilog=example(""),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(trivium.__version__, prog_name="trivium", message="%(prog)s %(version)s")
def app() -> None:
    """The root of the commands."""


def colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
