"""Hands finished messages to whoever delivers them: one file per provider behind one Protocol, and a registry."""

from mailer.providers.base import BadSignature, Malformed, Outlet, Provider
from mailer.providers.registry import PROVIDERS, create

__all__ = ["PROVIDERS", "BadSignature", "Malformed", "Outlet", "Provider", "create"]
