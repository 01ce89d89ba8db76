"""The pages that everybody may reach: pixel, links, signing up, unsubscribing, preferences, web version, webhooks, media.

GET and HEAD change nothing; only POST acts (security S10). No cookie, no script, no address in clear.
"""

from mailer.web.public.limits import NetworkLimit
from mailer.web.public.measure import PixelsFirst
from mailer.web.public.routes import public_routes
from mailer.web.public.services import PublicServices

__all__ = ["NetworkLimit", "PixelsFirst", "PublicServices", "public_routes"]
