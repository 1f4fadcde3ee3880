"""Site profiles: what is read, and which words a mistake gets."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from trivium.core.errors import UsageError
from trivium.core.values import point
from trivium.record.site import Site, read_site, refuse_unknown_names

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "site.example.toml"


def write(path: Path, text: str) -> Path:
    file = path / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_profile(tmp_path: Path) -> None:
    site = read_site(
        write(
            tmp_path,
            """
            zone = "Asia/Tokyo"
            complete = ["problem_list_complete"]
            [cutoffs]
            anti_mda5_antibody = {value = 32.5, unit = "[arb'U]/mL"}
            """,
        )
    )
    assert site.zone.utcoffset(datetime.datetime(2024, 1, 1)) == datetime.timedelta(hours=9)
    assert site.complete == {"problem_list_complete"}
    assert site.cutoffs["anti_mda5_antibody"].amount == point(Decimal("32.5"))


def test_what_is_left_out_is_not_declared(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, 'zone = "UTC"'))
    assert site == Site(zone=site.zone)
    assert site.techniques is None
    assert not site.infusions.is_declared
    assert site.infusions.is_open(datetime.date(2026, 12, 25))
    assert site.formulary.get("rituximab") is None


def test_the_example_profile_has_every_key() -> None:
    site = read_site(EXAMPLE)
    suite = site.infusions
    assert (sorted(suite.weekdays), suite.hours, suite.may_slip_days) == ([0, 1, 2, 3, 4], (8, 18), 1)
    assert suite.is_declared
    days = [datetime.date(2026, 12, day) for day in (24, 25, 26, 28)]
    assert [suite.is_open(day) for day in days] == [True, False, False, True]
    assert suite.most_a_day["ivig"].amount == point(Decimal(80))
    assert sorted(site.exchanges.weekdays) == [0, 2, 4]
    assert site.formulary == {"rituximab": ("vial_100", "vial_500")}
    assert site.products == {"rituximab": "Truxima"}
    assert site.techniques == frozenset(("plasma_exchange",))
    assert [(each.agent, each.day, each.amount.unit) for each in site.arrivals] == [
        ("ivig", datetime.date(2026, 3, 2), "g")
    ]
    assert site.policies[0].about == "rituximab"
    assert site.prices == EXAMPLE.parent / "prices.example.toml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "`zone` is missing"),
        ("zone = 9", "`zone` is missing or not a text"),
        ('zone = "Mars/Olympus"', "not a time zone"),
        ('zone = "../etc/passwd"', "not a time zone"),
        ("zone = ", "not TOML"),
        ('zone = "UTC"\nzones = 1', "`zones` is not a key"),
        ('zone = "UTC"\ncomplete = "yes"', "`complete` is not a list"),
        ('zone = "UTC"\ncutoffs = 5', "`cutoffs` is not a table"),
        ('zone = "UTC"\n[cutoffs]\na = 5', "`cutoffs.a` needs a value and a unit"),
        ('zone = "UTC"\n[cutoffs]\na = {value = "5", unit = "1"}', "no number as its value"),
        ('zone = "UTC"\n[cutoffs]\na = {value = true, unit = "1"}', "no number as its value"),
        ('zone = "UTC"\n[cutoffs]\na = {value = nan, unit = "1"}', "no number as its value"),
        ('zone = "UTC"\n[cutoffs]\na = {value = 5, unit = 1}', "no text as its unit"),
        ('zone = "UTC"\n[cutoffs]\na = {value = 5, unit = "blob"}', "cannot be used"),
        ('zone = "UTC"\nprices = 5', "`prices` is missing, empty or not a text"),
        ('zone = "UTC"\ninfusions = 5', "`infusions` is not a table"),
        ('zone = "UTC"\n[infusions]\ndays = 5', "`infusions.days` is not a key"),
        ('zone = "UTC"\n[infusions]\nweekdays = ["monday"]', "`infusions.weekdays` has no weekday"),
        ('zone = "UTC"\n[infusions]\nweekdays = "mon"', "`infusions.weekdays` is not a list"),
        ('zone = "UTC"\n[infusions]\nholidays = ["2026-12-25"]', "`infusions.holidays` is no day"),
        ('zone = "UTC"\n[infusions]\nholidays = [2026-12-25T00:00:00]', "`infusions.holidays` is no day"),
        ('zone = "UTC"\n[exchanges]\nhours = [18, 8]', "`exchanges.hours` is not two whole hours"),
        ('zone = "UTC"\n[exchanges]\nhours = 8', "`exchanges.hours` is not two whole hours"),
        ('zone = "UTC"\n[infusions]\nmay_slip_days = -1', "`infusions.may_slip_days` is no number"),
        ('zone = "UTC"\n[infusions]\nmay_slip_days = true', "`infusions.may_slip_days` is no number"),
        ('zone = "UTC"\n[infusions.most_a_day]\nivig = 80', "`infusions.most_a_day.ivig` needs a value"),
        ('zone = "UTC"\n[formulary]\nivig = "b2"', "`formulary.ivig` is not a list"),
        ('zone = "UTC"\n[products]\nivig = 5', "`products.ivig` is missing, empty or not a text"),
        ('zone = "UTC"\n[rescue]\nonsite = []', "`rescue.onsite` is not a key"),
        ('zone = "UTC"\narrivals = 5', "`arrivals` is not a list of tables"),
        ('zone = "UTC"\n[[arrivals]]\nagent = "ivig"', "`arrivals 1.day` is no day"),
        ('zone = "UTC"\n[[policies]]\nabout = "ivig"', "`policies 1.text` is missing"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_site(write(tmp_path, text))
    assert words in str(caught.value) and "site.toml" in str(caught.value)


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_site(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[formulary]\nrituximb = []", "`formulary.rituximb` names no agent"),
        ('[formulary]\nrituximab = ["vial_50"]', "`formulary.rituximab` names no form of it: 'vial_50'"),
        ('[products]\nrituximb = "X"', "`products.rituximb` names no agent"),
        ('[infusions.most_a_day]\nivigg = {value = 1, unit = "g"}', "`infusions.most_a_day.ivigg`"),
        ('[[arrivals]]\nagent = "ivigg"\nday = 2026-01-01\nvalue = 1\nunit = "g"', "`arrivals 1.agent`"),
    ],
)
def test_a_name_that_the_knowledge_has_not_is_refused(tmp_path: Path, text: str, words: str) -> None:
    site = read_site(write(tmp_path, f'zone = "UTC"\n{text}'))
    with pytest.raises(UsageError) as caught:
        refuse_unknown_names(site, {"rituximab": ["vial_100"], "ivig": []}, "site.toml")
    assert words in str(caught.value)
    assert "site.toml" in str(caught.value)


def test_the_example_names_what_there_is() -> None:
    forms = {"rituximab": ["vial_100", "vial_500"], "ivig": []}
    refuse_unknown_names(read_site(EXAMPLE), forms, "site.toml")
