"""Messages made by hand, as the rendering room would make them."""

from datetime import UTC, datetime

from mailer.model.mail import Content, Envelope, Mailbox, Message

NOW = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)
KEY = "abcdefghijklmnopqrstuvwx27"


def message(
    key: str = KEY, *, address: str = "a@ville.example", text: str = "Bonjour", tag: str = "letter-12"
) -> Message:
    envelope = Envelope(
        key=key,
        domain="reseau.example",
        sender=Mailbox("Réseau", "lettre@reseau.example"),
        to=Mailbox("", address),
        reply_to="",
        date=NOW,
        list_name="Lettre",
        list_id="letter.reseau.example",
        feedback_id="a:b:c:relais",
        unsubscribe_url=f"https://lettres.reseau.example/u/{key}",
        unsubscribe_mailto="lettre@reseau.example",
    )
    head = f"From: lettre@reseau.example\r\nTo: {address}\r\nMessage-ID: <{key}@reseau.example>\r\nSubject: S\r\n"
    mime = f"{head}\r\n{text}\r\n".encode()
    return Message(
        key=key, envelope=envelope, content=Content("S", text, text), headers={}, mime=mime, tag=tag
    )
