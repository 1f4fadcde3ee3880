"""Keys of expected numbers: a small language, read word by word.

`REML: {hk_ci: …}`, `DL_exp`, `MH_RR`, `IV_RR_cc05`, `logit_REML`, `pi_hk_t_k_minus_1`: each word fills one
slot (method, measure, interval, quantity …); the words of an outer key count for all that stands below
it. A word that is not known, or two words for one slot, make the number one that is not judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from trivium.evidence.synthesis.reference.cases import CaseError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a key asks for; empty slots are filled from the case's own words, or by the shape of the value."""

    method: str = ""
    measure: str = ""
    transform: str = ""
    correction: str = ""
    interval: str = ""
    quantity: str = ""
    flavour: str = ""
    scale: str = ""
    weights: str = ""
    times: str = ""

    def joined(self, other: Wanted) -> Wanted:
        """Both together; CaseError where they say different things."""
        found = {}
        for slot in (field.name for field in fields(self)):
            mine, theirs = getattr(self, slot), getattr(other, slot)
            if mine and theirs and mine != theirs:
                raise CaseError(f"it names two of a kind: {mine} and {theirs}")
            found[slot] = mine or theirs
        return Wanted(**found)


_WORDS: dict[tuple[str, ...], dict[str, str]] = {
    **{(name,): {"method": name.upper()} for name in ("dl", "reml", "pm", "ml", "he", "sj", "mh", "iv")},
    **{(name,): {"method": "EE"} for name in ("ee", "fe", "ce")},
    **{(name,): {"method": name.upper()} for name in ("peto", "glmm")},
    **{(name,): {"measure": name.upper()} for name in ("rr", "or", "rd", "hr", "md")},
    **{(f"log{name}",): {"measure": name.upper()} for name in ("rr", "or")},
    **{(name,): {"transform": "logit"} for name in ("logit", "plo")},
    **{(name,): {"transform": "double-arcsine"} for name in ("ft", "pft")},
    ("double", "arcsine"): {"transform": "double-arcsine"},
    **{(name,): {"interval": "hk"} for name in ("hk", "hksj", "knha")},
    **{(name, "max"): {"interval": "hk-max"} for name in ("hk", "hksj")},
    ("adhoc",): {"interval": "hk-max"},
    ("wald",): {"interval": "wald"},
    **{(name,): {"quantity": "est"} for name in ("est", "estimate")},
    **{(name,): {"quantity": name} for name in ("se", "ci", "pi", "tau2", "tau", "i2", "h2", "q", "df", "k")},
    ("k", "used"): {"quantity": "k"},
    **{("tau2", "ci", *more): {"quantity": "tau2_ci"} for more in ((), ("qprofile",), ("qp",))},
    **{("tau", "ci", *more): {"quantity": "tau_ci"} for more in ((), ("qprofile",), ("qp",))},
    **{("i2", "ci", *more): {"quantity": "i2_ci"} for more in ((), ("qprofile",), ("qp",))},
    **{("h2", "ci", *more): {"quantity": "h2_ci"} for more in ((), ("qprofile",), ("qp",))},
    **{words: {"quantity": "q_p"} for words in (("qp",), ("qep",), ("q", "p"), ("p", "q"))},
    **{words: {"quantity": "p_value"} for words in (("pval",), ("p", "value"))},
    **{("pi", name): {"quantity": "pi", "flavour": "z"} for name in ("z", "normal")},
    ("t", "k", "minus", "1"): {"flavour": "t_k_minus_1"},
    ("t", "k", "minus", "2"): {"flavour": "t_k_minus_2"},
    **{("pi", "hk", name): {"quantity": "pi", "interval": "hk", "flavour": "z"} for name in ("z", "normal")},
    ("pi", "hk", "max", "z"): {"quantity": "pi", "interval": "hk-max", "flavour": "z"},
    **{(name,): {"quantity": "statistic"} for name in ("z", "zval", "t", "tval")},
    ("exp",): {"scale": "exp"},
    ("p",): {"scale": "p"},
    ("pooled",): {},
    ("weighted",): {"weights": "inverse variance"},
    ("unweighted",): {"weights": "equal"},
    **{(name,): {"quantity": name} for name in ("yi", "vi", "sei")},
}
_LONGEST = max(map(len, _WORDS))
_CORRECTION = re.compile(r"cc(\d+)")
_TIMES = re.compile(r"(\w+)_times_(\d+(?:\.\d+)?)")


def read_key(key: str) -> Wanted:
    """What one key says.  Errors: CaseError naming the word that is not known."""
    if found := _TIMES.fullmatch(key):
        return replace(read_key(found[1]), times=found[2])
    words = [word for word in key.lower().split("_") if word]
    wanted = Wanted()
    while words:
        if found := _CORRECTION.fullmatch(words[0]):
            wanted, words = wanted.joined(Wanted(correction=_decimal(found[1]))), words[1:]
            continue
        for length in range(min(_LONGEST, len(words)), 0, -1):
            slots = _WORDS.get(tuple(words[:length]))
            if slots is not None:
                wanted, words = wanted.joined(Wanted(**slots)), words[length:]
                break
        else:
            raise CaseError(f"the word {words[0]!r} in the key {key!r} is not known")
    return wanted


def _decimal(digits: str) -> str:
    """`05` is 0.5, `025` is 0.25, `1` is 1."""
    return f"0.{digits[1:]}" if digits.startswith("0") and len(digits) > 1 else digits
