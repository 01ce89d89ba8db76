"""A finished message of any size."""

from mailer.model.mail import Links, Message, Person
from mailer.rendering import Copies
from tests.rendering.conftest import envelope_for


def sample_message(size: int) -> Message:
    """A finished message of about that many bytes."""
    html = f"<p>{'x' * (size - 2_000)}</p>"
    copies = Copies(subject="Objet", html=html, text="texte", links=(), language="fr")
    links = Links("https://l.example/u/x", "https://l.example/p/x", "https://l.example/v/x")
    return copies.message(Person("a@poste.example"), links, envelope_for(links), tag="bench")
