"""The widths of a compiled mail, in the order in which they stand: those for Outlook, those for all, those of columns."""

import re
from math import isclose

_FOR_OUTLOOK = re.compile(r"<!--\[if[^>]*\b(?:mso|IE)\b[^>]*\]>(.*?)<!\[endif\]-->", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<(table|td|div|img|p|v:\w+)\b([^>]*)>")
_WIDTH = re.compile(r'(?<![\w-])((?:max-|min-)?width)(?:="|:\s*)([^;"]+)')
_COLUMN = re.compile(r"\.mj-column-p[\w-]+\s*\{\s*width:\s*([\d.]+(?:%|px))")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(%?)")


def widths_in(html: str) -> list[str]:
    """Such as "outlook td width:544px", "all img width:544", "column 50%"; columns sorted, each once."""
    outlook = [f"outlook {each}" for part in _FOR_OUTLOOK.findall(html) for each in _of_tags(part)]
    everywhere = [f"all {each}" for each in _of_tags(_COMMENT.sub("", html))]
    return outlook + everywhere + [f"column {each}" for each in sorted(set(_COLUMN.findall(html)))]


def are_same(ours: str, theirs: str) -> bool:
    """Whether two widths of the same place differ by less than a pixel: the two compilers round differently."""
    if _NUMBER.sub(r"\2", ours).replace("px", "") != _NUMBER.sub(r"\2", theirs).replace("px", ""):
        return False
    pairs = zip(_NUMBER.findall(ours), _NUMBER.findall(theirs), strict=True)
    return all(
        isclose(float(one), float(other), abs_tol=0.001 if percent else 0.999)
        for (one, percent), (other, _) in pairs
    )


def differences(ours: list[str], theirs: list[str]) -> list[str]:
    """What differs, one line each; nothing when the two show the same widths."""
    if len(ours) != len(theirs):
        lacking = sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs))
        return [f"{len(ours)} widths instead of {len(theirs)}: lacks {lacking[0]}, has {lacking[1]}"]
    pairs = zip(ours, theirs, strict=True)
    return [f"{one} instead of {other}" for one, other in pairs if not are_same(one, other)]


def _of_tags(html: str) -> list[str]:
    return [
        f"{name} " + " ".join(sorted(f"{what}:{value.strip()}" for what, value in found))
        for name, rest in _TAG.findall(html)
        if (found := _WIDTH.findall(rest.replace("!important", "")))
    ]
