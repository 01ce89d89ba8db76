"""One good mail written by hand, to plant faults into."""

import base64
import hashlib
import quopri

HOST = "https://lettres.reseau.example"


def token(number: int, kind: str = "key") -> str:
    """Shaped as a signed token: payload, dot, signature."""
    payload = base64.b32encode(hashlib.sha256(f"{number}".encode()).digest())[:26].lower()
    signature = hashlib.sha256(f"{kind}{number}".encode()).digest()[:16]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (payload, signature))


HEAD = """\
Date: Thu, 11 Jun 2026 09:00:00 +0200
From: =?utf-8?q?R=C3=A9seau?= <lettre@reseau.example>
To: {to}
Subject: =?utf-8?q?L=27=C3=A9t=C3=A9_des_villes?=
Message-ID: <{key}@reseau.example>
MIME-Version: 1.0
List-Id: Lettre <letter.reseau.example>
List-Unsubscribe:
 <{host}/u/{unsubscribe}>,
 <mailto:lettre@reseau.example?subject=unsubscribe>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Feedback-ID: 12:newsletter:letter:relais
Precedence: bulk
Content-Type: multipart/alternative; boundary="frontier"

"""

TEXT = """\
L’été des villes

Bonjour Zoé\u00a0! Voici la lettre\u00a0: 12\u00a0% de plus.
Le guide de l’eau : https://ville.example/guide?a=1&b=2
Se désinscrire\u00a0: {host}/u/{unsubscribe}
Mes choix\u00a0: {host}/p/{preferences}
""".replace("l’eau :", "l’eau\u00a0:")

PAGE = """\
<!DOCTYPE html><html lang="fr" dir="ltr"><head><meta charset="utf-8"><title>L'été des villes</title></head>
<body><div lang="fr" dir="ltr" style="background-color:#ffffff">
<!--[if mso]><table role="presentation"><tr><td><![endif]-->
<table role="presentation"><tr><td style="font-size:16px;color:#1a1a1a">
<h1>L’été des villes</h1><h2>Zoé</h2><p>Bonjour\u00a0! Voici la lettre\u00a0: 12\u00a0% de plus.</p>
<img src="{host}/media/{media}.png" alt="Un lac" width="600">
<p><a href="https://ville.example/guide?a=1&amp;b=2" style="color:#0b3d91">Le guide de l’eau</a></p>
<p><a href="{host}/u/{unsubscribe}">Se désinscrire</a> <a href="{host}/p/{preferences}">Mes choix</a></p>
<img src="{host}/o/{pixel}.gif" alt="" width="1" height="1"></td></tr></table></div></body></html>
"""

FORM = """\
--frontier
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

{text}
--frontier
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

{page}
--frontier--
"""


def mail(
    *,
    number: int = 1,
    to: str = "zoe@ville.example",
    head: tuple[str, str] = ("", ""),
    text: tuple[str, str] = ("", ""),
    page: tuple[str, str] = ("", ""),
    form: tuple[str, str] = ("", ""),
    host: str = HOST,
) -> bytes:
    """The good mail, each part with one replacement `(what, by what)`: asserts that there is something to replace."""
    values = {
        "to": to,
        "key": hashlib.sha256(f"{number}".encode()).hexdigest()[:26],
        "host": host,
        "unsubscribe": token(number, "u"),
        "preferences": token(number, "p"),
        "pixel": token(number, "o"),
        "media": "ab" * 32,
    }
    parts = (
        _planted(source, change).format(**values)
        for source, change in ((HEAD, head), (TEXT, text), (PAGE, page))
    )
    written_head, written_text, written_page = parts
    body = _planted(FORM, form).format(text=_quoted(written_text), page=_quoted(written_page))
    return (written_head + body).replace("\n", "\r\n").encode()


def _planted(source: str, change: tuple[str, str]) -> str:
    assert change[0] in source, f"nothing to plant into: {change[0]!r}"
    return source.replace(*change, 1) if change[0] else source


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode()).decode().replace("=0A", "\n")
