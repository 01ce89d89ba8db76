"""Words in front of the links of a finished mail: how often each was followed, to be looked at beside the table."""

import re
from collections.abc import Mapping
from html import escape, unescape

_LINK = re.compile(r"""<a\s[^>]*?href\s*=\s*"([^"]*)"[^>]*>""", re.IGNORECASE)
_MARK = (
    '<span style="display:inline-block;margin:0 4px 2px 0;padding:0 7px;border-radius:9px;background:#0b3d91;'
    'color:#ffffff;font:bold 12px/18px Arial,sans-serif;text-decoration:none">{words}</span>'
)


def mark_links(html: str, marks: Mapping[str, str]) -> str:
    """The mail with the words of each address in front of what its links show; other links stay as they are."""

    def marked(link: re.Match[str]) -> str:
        words = marks.get(unescape(link[1]))
        return link[0] + _MARK.format(words=escape(words)) if words else link[0]

    return _LINK.sub(marked, html)
