"""A mail of the program's own to one person: a sentence or two and one button. No list, no measure, no merge field."""

from dataclasses import dataclass
from html import escape

from mailer.model.mail import Content, Envelope, Message
from mailer.rendering import headers, mime
from mailer.rendering.messages import finished

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body style="margin:0;padding:24px;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;">
<div role="article" lang="{language}" style="max-width:560px;margin:0 auto;">
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px;">{title}</h1>
{paragraphs}
<p style="margin:24px 0;"><a href="{url}" style="display:inline-block;padding:12px 20px;border-radius:6px;background-color:#0b5d57;color:#ffffff;text-decoration:none;font-weight:bold;">{label}</a></p>
{foot}
</div>
</body>
</html>
"""
_PARAGRAPH = '<p style="margin:0 0 16px;">{text}</p>'
_SMALL = '<p style="margin:0 0 8px;font-size:14px;">{text}</p>'


@dataclass(frozen=True, slots=True)
class Notice:
    """What it says; `foot` tells who writes and why."""

    language: str
    subject: str
    paragraphs: tuple[str, ...]
    label: str
    url: str
    foot: tuple[str, ...] = ()


def notice_message(notice: Notice, envelope: Envelope, *, tag: str) -> Message:
    """The whole message; raises InputError for a header that would break."""
    content = Content(subject=notice.subject, html=_html(notice), text=_text(notice))
    head = headers.notice_headers(envelope, notice.subject)
    text, html = [mime.encode(content.text)], [mime.encode(content.html)]
    return finished(envelope, content, head, text=text, html=html, tag=tag)


def _html(notice: Notice) -> str:
    return _PAGE.format(
        language=escape(notice.language),
        title=escape(notice.subject),
        paragraphs="\n".join(_PARAGRAPH.format(text=escape(each)) for each in notice.paragraphs),
        url=escape(notice.url),
        label=escape(notice.label),
        foot="\n".join(_SMALL.format(text=escape(each)) for each in notice.foot),
    )


def _text(notice: Notice) -> str:
    said = [
        notice.subject,
        *notice.paragraphs,
        f"{notice.label}\n{notice.url}",
        "-- ",
        "\n".join(notice.foot),
    ]
    return "\n\n".join(said) + "\n"
