"""The API for other programs, `/api/v1`: people, organisations, subscriptions. No session and no cookie opens it."""

from mailer.web.api.application import create_api

__all__ = ["create_api"]
