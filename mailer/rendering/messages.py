"""A finished message: its headers and its two encoded parts become bytes, whatever kind of mail it is."""

from mailer.model.mail import Content, Envelope, Message
from mailer.rendering import headers, mime


def finished(
    envelope: Envelope,
    content: Content,
    head: list[headers.Header],
    *,
    text: list[bytes],
    html: list[bytes],
    tag: str,
) -> Message:
    """`text` and `html` are the pieces of the parts, in quoted-printable; the boundary is made from the key."""
    body = mime.multipart(text, html, boundary=f"=_{envelope.key}")
    return Message(
        key=envelope.key,
        envelope=envelope,
        content=content,
        headers=headers.unfolded(head),
        mime=b"".join([headers.serialise(head), *body]),
        tag=tag,
    )
