"""Questions to the world outside: does a link answer, what does a sender's domain publish. Asked for, never by itself.

- `guard`: which addresses may be asked at all (security S16); `net`: names, sockets and TLS
- `visits`: one link; `links`: those of an issue; `domains`: SPF, DKIM and DMARC
"""

from mailer.lookups.domains import look_up_domain
from mailer.lookups.links import look_up_links
from mailer.lookups.net import Net

__all__ = ["Net", "look_up_domain", "look_up_links"]
