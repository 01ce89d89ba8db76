"""The officer's desk: pages, forms and their protection; the public pages live in `mailer.web.public`."""

from mailer.web.application import create_app
from mailer.web.serving import beside, listen, serve

__all__ = ["beside", "create_app", "listen", "serve"]
