"""The pages that everybody may reach: pixel, links, unsubscribing, preferences, web version, webhooks, media.

GET and HEAD change nothing; only POST acts (security S10). No cookie, no script, no address in clear.
"""

from mailer.web.public.routes import public_routes
from mailer.web.public.services import PublicServices

__all__ = ["PublicServices", "public_routes"]
