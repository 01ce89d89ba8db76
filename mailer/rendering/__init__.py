"""Markdown + Jinja2 -> MJML -> HTML and text, once per issue; per recipient, pieces are joined at slots.

- `compiling`: an issue becomes a Compiled; `blocks`, `markdown`, `plain`, `links`, `media`: its parts
- `templating`: its templates, rendered by `confined` in a process of their own, `confined_process`
- `mjml`, `inlining`: MJML to the HTML that mail readers get
- `spans`: a text as words with their dress, for pages of the desk
- `slots`: marks, and cutting at them; `copies`: one person's content and message; `mime`, `headers`: their bytes
- `public_copies`: the copy for everybody, in the archive
- `notices`: mails of the program's own to one person; `messages`: what finishes them and the copies
- `link_marks`: the clicks of a report, drawn on the mail
- `preflight`: what finished mails are checked for, by `mail_checks`, `contrast`, `support` and `text_checks`;
  `second_checks`: a second subject, too
"""

from mailer.rendering.compiling import compile_issue, issue_mjml
from mailer.rendering.confined import Confinement
from mailer.rendering.copies import Copies, line_for
from mailer.rendering.link_marks import mark_links
from mailer.rendering.notices import Notice, notice_message
from mailer.rendering.preflight import located, preflight
from mailer.rendering.public_copies import Place, generic_text, printable, public_html
from mailer.rendering.second_checks import check_second, of_second

__all__ = [
    "Confinement",
    "Copies",
    "Notice",
    "Place",
    "check_second",
    "compile_issue",
    "generic_text",
    "issue_mjml",
    "line_for",
    "located",
    "mark_links",
    "notice_message",
    "of_second",
    "preflight",
    "printable",
    "public_html",
]
