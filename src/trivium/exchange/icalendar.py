"""A calendar as an iCalendar file (RFC 5545): calendar data in, text out.

Whole days are DATE values; hours are floating times, the clock of wherever the calendar is opened, because
that is what the site's hours are. No name and no number of a patient goes in unless the caller gives one.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from typing import Any

Data = dict[str, Any]

_PRODUCT = "-//Trivium//Regimen calendar//EN"
_LONGEST = 75  # octets in a line, its break not counted (RFC 5545, 3.1)


def render(data: Data, title: str = "Treatment calendar", namespace: str = "") -> str:
    """Every row to come as an event, the tests of one day as one; what is past is left out.

    `namespace` keeps the events of different patients apart: rows of the same id, and visits of the same
    number, under the same namespace have the same UID, so that a calendar made anew replaces the older one.
    It goes in only as a hash.
    """
    return "".join(f"{line}\r\n" for plain in _lines(data, title, namespace) for line in _folded(plain))


def _lines(data: Data, title: str, namespace: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{_PRODUCT}"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    yield f"X-WR-CALNAME:{_escaped(title)}"
    visits = {visit["rows"][0]: _as_row(visit, number) for number, visit in enumerate(data["visits"], 1)}
    held = {name for visit in data["visits"] for name in visit["rows"]}
    for row in data["rows"]:
        if row["id"] in visits:
            yield from _event(visits[row["id"]], data["start"], namespace)
        elif not row["given"] and row["id"] not in held:
            yield from _event(row, data["start"], namespace)
    yield "END:VCALENDAR"


def _as_row(visit: Data, number: int) -> Data:
    """A visit for tests as a row of its own; every event stands alone, so all words are told in each."""
    why = [f"{detail['agent']}: {detail['text']}" for detail in visit["details"]]
    return {
        "id": f"visit.{number}",
        "label": f"Tests: {visit['label']}",
        "kind": "test",
        "date": visit["date"],
        "time": None,
        "until": None,
        "goes_on": False,
        "note": "\n".join(why),
    }


def _event(row: Data, start: str, namespace: str) -> Iterator[str]:
    date = datetime.date.fromisoformat(row["date"])
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(row['id'], namespace)}"
    # The day for which the calendar was made, not the clock: the same input gives the same file.
    yield f"DTSTAMP:{_date(start)}T000000Z"
    if row["time"]:
        begin = datetime.datetime.combine(date, datetime.time.fromisoformat(row["time"]))
        yield f"DTSTART:{begin:%Y%m%dT%H%M%S}"
        yield f"DTEND:{begin + datetime.timedelta(hours=row['hours']):%Y%m%dT%H%M%S}"
    else:
        last = datetime.date.fromisoformat(row["until"] or row["date"])
        yield f"DTSTART;VALUE=DATE:{date:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{last + datetime.timedelta(1):%Y%m%d}"  # the day after: not included
    yield f"SUMMARY:{_escaped(row['label'])}"
    if row.get("state", "proposed") != "proposed":  # it waits for something: its words say for what
        yield "STATUS:TENTATIVE"
    notes = [row["note"], "Goes on after this" if row["goes_on"] else ""]
    if any(notes):
        yield f"DESCRIPTION:{_escaped('. '.join(filter(None, notes)))}"
    yield f"CATEGORIES:{_escaped(row['kind'])}"
    yield f"TRANSP:{'OPAQUE' if row['time'] else 'TRANSPARENT'}"
    yield "END:VEVENT"


def _uid(name: str, namespace: str) -> str:
    digest = hashlib.sha256(f"{namespace}\n{name}".encode()).hexdigest()[:32]
    return f"{digest}@trivium.invalid"


def _date(day: str) -> str:
    return day.replace("-", "")


def _escaped(text: str) -> str:
    """TEXT (RFC 5545, 3.3.11): backslash, semicolon, comma and line breaks escaped, controls left out."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")
    return "".join(character for character in escaped if character.isprintable())


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, none cut inside a character; all but the first begin blank."""
    piece, room = "", _LONGEST
    for character in line:
        size = len(character.encode())
        if size > room:
            yield piece
            piece, room = " ", _LONGEST - 1
        piece += character
        room -= size
    yield piece
