"""Hands finished messages to whoever delivers them: one file per provider behind one Protocol, and a registry."""

from mailer.providers.base import BadSignature, Malformed, Provider

__all__ = ["BadSignature", "Malformed", "Provider"]
