"""A document as one HTML page without scripts: for a screen, a phone and paper (and so for PDF)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from trivium.faces.citations import CITATION
from trivium.faces.document_text import reference_text
from trivium.faces.lines import clean
from trivium.faces.pictures import draw, twin

Data = dict[str, Any]

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 Georgia, 'Liberation Serif', serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 60rem; padding: 1rem; }
h1, h2 { font-family: 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; line-height: 1.2; }
h2 { border-bottom: 1px solid #999; padding-bottom: .2rem; margin-top: 2rem; }
.notice { border: 2px solid #1a1a1a; padding: .5rem .8rem; font-size: .9rem; }
.weak { border: 1px solid #7a4b00; color: #7a4b00; border-radius: 3px; font: .72rem Arial, sans-serif;
  padding: 0 .3rem; white-space: nowrap; }
li.loud { border: 3px solid #8a0000; padding: .4rem .6rem; list-style: none; margin-bottom: .5rem; }
li.loud > strong { color: #8a0000; }
td.day { white-space: nowrap; }
td.bars, td.blocked { font-weight: bold; background: #fbe3e3; }
td.holds { font-weight: bold; background: #fff3d6; }
td.open { background: repeating-linear-gradient(45deg, #fff, #fff 6px, #f0f0f0 6px, #f0f0f0 8px); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .82rem; width: 100%; margin: .5rem 0 1rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border-bottom: 1px solid #ccc; padding: .3rem .4rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; hyphens: auto; min-width: 3.5rem; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
figure { margin: 1rem 0; break-inside: avoid; }
figure svg { width: 100%; height: auto; max-width: 52rem; }
figcaption, details { font-size: .85rem; }
pre { white-space: pre-wrap; font-size: .75rem; }
ol.references { font-size: .85rem; }
ol.references li { overflow-wrap: anywhere; }
a { color: #003f88; }
@page { size: A4; margin: 16mm 14mm; @bottom-right { content: counter(page) ' / ' counter(pages); } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } table { font-size: 7.5pt; }
  details > pre { display: none; } }
"""


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# The shade of a cell, by what its words begin with.
_SHADES = {
    "bars": "bars",
    "blocked": "blocked",
    "holds": "holds",
    "not known": "open",
    "waits for facts": "open",
}


def render(document: Data) -> str:
    """The page; every picture has its text twin behind it."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Data) -> Iterator[str]:
    title = _text(document["title"])
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>"
    yield f'<h1>{title}</h1><p class="notice" role="note">{_text(document["notice"])}</p>'
    body = list(_body(document))
    yield from body
    numbers = {int(number) for number in re.findall(r'href="#ref-(\d+)"', " ".join(body))}
    yield '<section id="references"><h2>References</h2><ol class="references">'
    for each in document["references"]:
        if each["number"] not in numbers:
            continue
        words = _text(reference_text(each).split("] ", 1)[1])
        yield f'<li id="ref-{each["number"]}" value="{each["number"]}">{words}{_links(each)}</li>'
    yield "</ol></section></body></html>"


def _body(document: Data) -> Iterator[str]:
    for section in document["sections"]:
        yield f'<section id="{_text(section["id"])}"><h2>{_text(section["title"])}</h2>'
        for block in section["blocks"]:
            yield from _block(block)
        yield "</section>"


def _links(reference: Data) -> str:
    links = []
    if reference["doi"]:
        links.append(f'<a href="https://doi.org/{_text(reference["doi"])}">doi</a>')
    if reference["pmid"]:
        links.append(f'<a href="https://pubmed.ncbi.nlm.nih.gov/{_text(reference["pmid"])}/">PubMed</a>')
    return "".join(f" {link}" for link in links)


def _block(block: Data) -> Iterator[str]:
    kind = block["kind"]
    if kind == "paragraph":
        yield f"<p>{_badge(block)}{_cited(block['text'])}</p>"
    elif kind == "list":
        yield "<ul>"
        yield from (_item(item) for item in block["items"])
        yield "</ul>"
    elif kind == "table":
        yield from _table(block)
    elif kind == "matrix":
        yield from _matrix(block)
    else:
        words = "\n".join(twin(block))
        yield f"<figure>{draw(block)}<figcaption>{_text(block['caption'])}</figcaption></figure>"
        yield f"<details><summary>The same in words</summary><pre>{escape(words)}</pre></details>"


def _item(item: Data) -> str:
    lines = [*item.get("lines", ()), *item.get("details", ())]
    within = f"<ul>{''.join(f'<li>{_cited(line)}</li>' for line in lines)}</ul>" if lines else ""
    text = f"{_badge(item)}{_cited(item['text'])}"
    if item.get("loud"):
        return f'<li class="loud"><strong>&#9888; {text}</strong>{within}</li>'
    return f"<li>{text}{within}</li>"


def _matrix(block: Data) -> Iterator[str]:
    """Words in every cell: the shade only repeats them."""
    yield f'<div class="scroll" tabindex="0"><table><caption>{_text(block["caption"])}</caption><thead><tr>'
    yield from (f'<th scope="col">{_text(column["label"])}</th>' for column in block["columns"])
    yield "</tr></thead><tbody>"
    for first, *rest in block["rows"]:
        cells = "".join(f"<td{_shade(cell['words'])}>{_cited(cell['words'])}</td>" for cell in rest)
        yield f'<tr><th scope="row">{_cited(first["words"])}</th>{cells}</tr>'
    yield "</tbody></table></div><ul>"
    yield from (f"<li>{_text(line)}</li>" for line in block["legend"])
    yield "</ul>"


def _shade(words: str) -> str:
    name = _SHADES.get(words.split(";")[0])
    return f' class="{name}"' if name else ""


def _table(block: Data) -> Iterator[str]:
    yield f'<div class="scroll" tabindex="0"><table><caption>{_text(block["caption"])}</caption><thead><tr>'
    yield from (f'<th scope="col">{_text(column)}</th>' for column in block["columns"])
    yield "</tr></thead><tbody>"
    for row in block["rows"]:
        mark = f' data-row="{_text(row["id"])}"' if row.get("id") else ""
        first, *rest = row["cells"]
        cells = "".join(f"<td>{_cell(cell)}</td>" for cell in rest)
        day = ' class="day"' if isinstance(first, str) and _DAY.fullmatch(first) else ""
        yield f"<tr{mark}><td{day}>{_badge(row)}{_cell(first)}</td>{cells}</tr>"
    yield "</tbody></table></div>"


def _cell(cell: str | list[str]) -> str:
    return "<br>".join(map(_cited, cell)) if isinstance(cell, list) else _cited(cell)


def _badge(item: Data) -> str:
    return '<span class="weak">weakly seen</span> ' if item.get("weak") else ""


def _cited(text: str) -> str:
    """Text with its `[1, 4]` linked to the references."""

    def link(found: re.Match[str]) -> str:
        numbers = found[1].split(", ")
        return "[" + ", ".join(f'<a href="#ref-{number}">{number}</a>' for number in numbers) + "]"

    return CITATION.sub(link, _text(text))


def _text(text: str) -> str:
    return escape(clean(text))
