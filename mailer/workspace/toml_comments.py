"""The comments of a TOML text: tomllib throws them away, and a `#` inside a text is none."""

import re

#: A text in any of its four forms, or a comment; in this order, the first that fits wins.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|"
    r"(?P<comment>#[^\n]*)",
    re.DOTALL,
)


def comments(text: str) -> list[str]:
    """Each comment with its `#`, without outer blanks, in order; the text must be valid TOML."""
    found = (token["comment"] for token in _TOKEN.finditer(text))
    return [comment.strip() for comment in found if comment]
