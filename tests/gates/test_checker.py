"""The checker has teeth: each rule catches a mail that breaks it, and a good mail passes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.gates import check_maildir, check_message
from tests.gates.likeness import likeness
from tests.gates.mail import Mail
from tests.gates.samples import HOST, mail, token

LINK = '<a href="https://ville.example/guide?a=1&amp;b=2" style="color:#0b3d91">Le guide de l’eau</a>'
UNSUBSCRIBE = (
    "List-Unsubscribe:\n <{host}/u/{unsubscribe}>,\n <mailto:lettre@reseau.example?subject=unsubscribe>"
)
SUBJECT = "Subject: =?utf-8?q?L=27=C3=A9t=C3=A9_des_villes?="
EMBEDDED_ADDRESS = "em9lQHZpbGxlLmV4YW1wbGU.AAAAAAAAAAAAAAAAAAAAAA"

FAULTS: list[tuple[str, Mapping[str, Any]]] = [
    ("M1: 2 subject", {"head": ("Precedence", "Subject: B\nPrecedence")}),
    ("M1: 0 mime-version", {"head": ("MIME-Version: 1.0\n", "")}),
    ("M1: 2 list-id", {"head": ("Precedence", "List-Id: B <b.reseau.example>\nPrecedence")}),
    ("M1: Date without zone", {"head": (" +0200", " -0000")}),
    ("M1: Date cannot", {"head": ("Thu, 11 Jun 2026", "soon")}),
    ("M2: a line longer", {"form": ("{page}", "{page}" + "a" * 999)}),
    ("M2: a header line longer", {"head": ("<{host}/u/{unsubscribe}>,\n ", "<{host}/u/{unsubscribe}>, ")}),
    ("M2: list-unsubscribe folded inside", {"head": ("/u/", "/\n u/")}),
    ("M2: a folded line of white space", {"head": ("List-Unsubscribe:\n", "List-Unsubscribe:\n \n")}),
    ("M3: Message-ID is not", {"head": ("<{key}@", "<1@")}),
    ("M3: Message-ID of a domain", {"head": ("{key}@reseau", "{key}@elsewhere")}),
    ("M4: not one multipart", {"head": ("multipart/alternative", "multipart/mixed")}),
    ("M4: not text/plain first", {"form": ("text/plain", "text/html")}),
    ("M4: a text part that is not utf-8", {"form": ('charset="utf-8"', 'charset="iso-8859-1"')}),
    ("M4: a part that is neither", {"form": ("quoted-printable", "8bit")}),
    ("M4: the parser finds defects", {"form": ("\n--frontier--\n", "\n")}),
    ("M5: the title is not", {"text": ("L’été des villes", "Bonjour")}),
    ("M5: 1 links are not", {"text": ("https://ville.example/guide?a=1&b=2", "")}),
    ("M5: no link to unsubscribe", {"page": ("{host}/u/{unsubscribe}", "{host}/x/{unsubscribe}")}),
    ("M5: HTML left", {"text": ("Zoé", "<b>Zoé</b>")}),
    ("M5: HTML left", {"text": ("Zoé", "mj-text")}),
    ("M5: an HTML entity", {"text": ("Zoé", "Zoé &amp; Léa")}),
    ("M5: template code left in the text", {"text": ("Zoé", "{{{{ first_name }}}}")}),
    ("M5: template code left in the HTML", {"page": ("Zoé", "{{% if a %}}")}),
    ("M5: template code left in the HTML", {"page": ("Zoé", "\ue000")}),
    ("M6: broken encoded-word", {"head": (SUBJECT, "Subject: =?utf-8?q?abc")}),
    ("M6: encoded-word in list-unsubscribe", {"head": ("/u/", "/=?utf-8?q?u?=/")}),
    (
        "M6: encoded-word inside",
        {"head": ("<lettre@reseau.example>\nTo", "<=?utf-8?q?lettre?=@reseau.example>\nTo")},
    ),
    ("M6: encoded-word longer", {"head": ("=27=C3", "a" * 60)}),
    ("M6: empty", {"head": (SUBJECT, SUBJECT + " =?utf-8?q??=")}),
    ("M6: encoded-word without white space", {"head": (SUBJECT, SUBJECT + "=?utf-8?q?abc?=")}),
    ("M7: encoded-word that cannot", {"head": ("=C3=A9t", "=C3?= =?utf-8?q?=A9t")}),
    ("M7: the subject does not come back", {"head": ("=C3=A9t", "=FFt")}),
    ("M7: empty subject", {"head": (SUBJECT, "Subject:")}),
    (
        "M8: an encoded-word",
        {"form": ("--\n", '\nContent-Type: text/css; name="=?utf-8?q?=C3=A9?="\n\n\n--frontier--\n')},
    ),
    ("M9: raw", {"head": ("=?utf-8?q?R=C3=A9seau?=", "Réseau")}),
    ("M10: unexpected field x-evil", {"head": ("Precedence", "X-Evil: 1\nPrecedence")}),
    ("M10: control character in the header", {"head": ("=27", "\x00")}),
    ("M10: control character in the decoded", {"head": ("=27", "=0D=0ABcc:_b")}),
    ("M11: List-Unsubscribe is not", {"head": (UNSUBSCRIBE, "List-Unsubscribe: <mailto:a@reseau.example>")}),
    ("M11: List-Unsubscribe is not", {"head": (UNSUBSCRIBE, UNSUBSCRIBE + ", <https://b.example/>")}),
    ("M11: List-Unsubscribe without https", {"host": "http://lettres.reseau.example"}),
    ("M11: an address in the URL", {"page": (LINK, LINK.replace("a=1", "a=zoe%40ville.example"))}),
    ("M11: an address in the URL", {"page": ("{pixel}", EMBEDDED_ADDRESS)}),
    ("M11: the recipient", {"page": (LINK, '<a href="mailto:zoe@ville.example">Vous</a>')}),
    ("M12", {"head": ("=One-Click", "=one-click")}),
    ("M12", {"head": ("List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "")}),
    ("M14: the unsubscribe address", {"head": ("/u/{unsubscribe}", "/u/12")}),
    ("M14: a personal link", {"page": ("/p/{preferences}", "/p/12")}),
    ("M14: a personal link", {"page": ("{preferences}", "{preferences}?who=12")}),
    ("M16", {"head": ("<letter.reseau.example>", "<letter>")}),
    ("M16", {"head": ("List-Id: Lettre <", "List-Id: <")}),
    ("M17: Feedback-ID is not", {"head": ("12:newsletter:letter:relais", "1:2:3:4:5")}),
    ("M17: personal data", {"head": ("12:newsletter", "zoe@ville.example:newsletter")}),
    (
        "M18",
        {
            "head": ("List-Id: Lettre <letter.reseau.example>\n", "X-Mailer: M\n"),
            "drop": "Precedence: bulk\r\n",
        },
    ),
    ("M19", {"head": ("Precedence", "Auto-Submitted: maybe\nPrecedence")}),
    ("M20: from is a no-reply", {"head": ("<lettre@reseau.example>\nTo", "<no-reply@reseau.example>\nTo")}),
    ("M20: reply-to is not", {"head": ("Precedence", "Reply-To: nobody\nPrecedence")}),
    ("M28: To", {"to": "zoe@ville.example, lea@ville.example"}),
    ("M28: cc", {"head": ("Precedence", "Cc: lea@ville.example\nPrecedence")}),
    ("M28: bcc", {"head": ("Precedence", "Bcc: lea@ville.example\nPrecedence")}),
    ("H1: the HTML", {"page": ("Zoé", "Zoé " + "mot " * 26_000)}),
    ("H1: the encoded", {"page": ("Zoé", "Zoé " + "é" * 20_000)}),
    ("H1: no HTML", {"form": ("{page}", "")}),
    ("H2: <html>", {"page": (' dir="ltr"><head>', "><head>")}),
    ("H2: no wrapper", {"page": ('<div lang="fr" dir="ltr"', "<div")}),
    ("H2: the wrapper's", {"page": ('<div lang="fr"', '<div lang="en"')}),
    ("H3: a table", {"page": ('<table role="presentation"><tr><td style', "<table><tr><td style")}),
    ("H3: a layout table", {"page": ('mso]><table role="presentation">', "mso]><table>")}),
    ("H4: an image without alt", {"page": (' alt="Un lac"', "")}),
    ("H4: an image without width", {"page": (' width="600"', "")}),
    ("H5: 0 h1", {"page": ("<h1>L’été des villes</h1>", "<p>L’été des villes</p>")}),
    ("H5: 2 h1", {"page": ("<h2>Zoé</h2>", "<h1>Zoé</h1>")}),
    ("H5: a heading level", {"page": ("<h2>Zoé</h2>", "<h3>Zoé</h3>")}),
    ("H5: <title>", {"page": ("<title>L'été", "<title>L'hiver")}),
    ("H5: a link that says", {"page": ("Le guide de l’eau</a>", "Cliquez ici</a>")}),
    ("H5: a link that is not underlined", {"page": ("color:#0b3d91", "color:#0b3d91;text-decoration:none")}),
    ("H5: text of 12", {"page": ("font-size:16px", "font-size:12px")}),
    ("H5: contrast", {"page": ("color:#1a1a1a", "color:#999")}),
    ("H5: contrast", {"page": ("background-color:#ffffff", "background-color:#333333")}),
    ("H6: an ordinary space in the text", {"text": ("Zoé\u00a0!", "Zoé !")}),
    ("H6: an ordinary space in the HTML", {"page": ("lettre\u00a0:", "lettre :")}),
    ("H6: broken accents", {"page": ("Zoé", "ZoÃ©")}),
    ("H10: <script>", {"page": ("<h2>", "<script>1</script><h2>")}),
    ("H10: <form>", {"page": ("<h2>", "<form></form><h2>")}),
    ("H10: <iframe>", {"page": ("<h2>", "<iframe></iframe><h2>")}),
    (
        "H10: external CSS",
        {"page": ("<title>", '<link rel="stylesheet" href="https://a.example/a.css"><title>')},
    ),
    ("H10: external CSS", {"page": ("<title>", "<style>@import 'a.css';</style><title>")}),
    ("H10: an event handler", {"page": ("<h2>", '<h2 onclick="a()">')}),
    ("H10: an embedded image", {"page": ("{host}/media/{media}.png", "data:image/png;base64,AAAA")}),
    ("H10: an image from cdn.example", {"page": ("{host}/media", "https://cdn.example")}),
    (
        "H10: an image from cdn.example",
        {"page": ("color:#1a1a1a", "background:url(https://cdn.example/a.png)")},
    ),
    ("H10: an http://", {"page": ("https://ville.example", "http://ville.example")}),
    ("H10: an address of scheme javascript", {"page": ("https://ville.example", "javascript:a")}),
]


def broken(changes: Mapping[str, Any]) -> bytes:
    drop = str(changes.get("drop", ""))
    raw = mail(**{name: value for name, value in changes.items() if name != "drop"})
    assert drop.encode() in raw
    return raw.replace(drop.encode(), b"")


def test_a_good_mail_passes() -> None:
    assert check_message(mail()) == []


def test_on_this_machine_plain_http_will_do() -> None:
    assert check_message(mail(host="http://127.0.0.1:8080")) == []


@pytest.mark.parametrize(
    ("fault", "changes"), FAULTS, ids=[f"{n}-{fault}" for n, (fault, _) in enumerate(FAULTS)]
)
def test_a_planted_fault_is_caught(fault: str, changes: Mapping[str, Any]) -> None:
    found = check_message(broken(changes))
    assert any(each.startswith(fault) for each in found), found


@pytest.mark.parametrize("ending", [b"\n", b"\r"])
def test_bare_line_ends_are_caught(ending: bytes) -> None:
    raw = mail()
    assert "M2: a line that does not end with CRLF" in check_message(raw[:-2] + ending)


def test_bytes_above_127_are_caught() -> None:
    assert "M4: bytes above 127" in check_message(mail().replace(b"Zo=C3=A9", b"Zo\xc3\xa9"))


def test_the_broken_long_url_of_the_standard_library_is_caught() -> None:
    """The known trap of rules.md, as Python's own policy writes it."""
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["List-Unsubscribe"] = f"<{HOST}/u/{token(1)}{'a' * 60}>, <mailto:a@reseau.example>"
    assert any(
        each.startswith("M6: encoded-word in list-unsubscribe") for each in check_message(message.as_bytes())
    )


def test_every_rule_of_the_gate_has_a_bad_sample() -> None:
    wanted = {*(f"M{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 17, 18, 19, 20, 28))}
    wanted |= {f"H{n}" for n in (1, 2, 3, 4, 5, 6, 10)}
    assert {fault.split(":")[0] for fault, _ in FAULTS} == wanted


def fill(folder: Path, *mails: bytes) -> Path:
    (folder / "new").mkdir()
    for number, raw in enumerate(mails):
        (folder / "new" / f"mail{number}").write_bytes(raw)
    return folder


def test_a_good_maildir_passes(tmp_path: Path) -> None:
    mails = [mail(number=number, to=f"p{number}@ville.example") for number in range(5)]
    assert check_maildir(fill(tmp_path, *mails), 5) == []


def test_one_person_may_get_two_letters(tmp_path: Path) -> None:
    other = mail(number=2, head=("letter.reseau", "flash.reseau"))
    assert check_maildir(fill(tmp_path, mail(number=1), other), 2) == []


@pytest.mark.parametrize(
    ("mails", "fault"),
    [
        ([mail()], "maildir: 1 mails instead of 2"),
        ([mail(), mail()], "M3: the same Message-ID"),
        ([mail(), mail()], "M11: the same unsubscribe address"),
        ([mail(number=1), mail(number=2)], "maildir: the same letter to one address"),
    ],
)
def test_what_only_the_whole_shows_is_caught(tmp_path: Path, mails: list[bytes], fault: str) -> None:
    assert any(each.startswith(fault) for each in check_maildir(fill(tmp_path, *mails), 2))


def test_a_fault_of_many_mails_is_said_once(tmp_path: Path) -> None:
    mails = [mail(number=n, to=f"p{n}@ville.example", page=(' alt="Un lac"', "")) for n in range(3)]
    assert check_maildir(fill(tmp_path, *mails), 3) == ["H4: an image without alt (3 mails, first mail0)"]


def test_copies_of_one_letter_are_read_once_and_any_other_for_itself() -> None:
    """Whoever is called otherwise gets the same letter; whoever's copy differs in one more thing does not."""
    zoe, irene = "=?utf-8?q?Zo=C3=A9?= <z@ville.example>", "=?utf-8?q?Ir=C3=A8ne?= <i@ville.example>"
    other = mail(number=2, to=irene, text=("Bonjour Zoé", "Bonjour Irène"))
    copies = [mail(number=1, to=zoe), other.replace(b"<h2>Zo=C3=A9", b"<h2>Ir=C3=A8ne")]
    like = {likeness(Mail(raw))[0] for raw in copies}
    assert len(like) == 1
    for change in (
        ("<h1>", "<h3>"),
        ('/u/{unsubscribe}">', '/u/{preferences}">'),
        ("Bonjour", "{{{{ x }}}}"),
    ):
        assert likeness(Mail(mail(number=3, to=zoe, page=change)))[0] not in like


IN_BOTH = dict.fromkeys(("text", "page"), ("{preferences}", EMBEDDED_ADDRESS))


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ({"page": (' alt="Un lac"', "")}, "H4: an image without alt"),
        ({"head": ("Precedence", "X-Other")}, "M10: unexpected field x-other"),
        (IN_BOTH, "M11: an address in the URL of lettres.reseau.example"),
        ({"text": ("Bonjour", "p3@ville.example {{{{")}, "M5: template code left in the text: '{{'"),
    ],
)
def test_one_bad_copy_among_good_ones_is_found(
    tmp_path: Path, planted: Mapping[str, Any], fault: str
) -> None:
    mails = [mail(number=n, to=f"p{n}@ville.example") for n in range(3)]
    mails.append(mail(number=3, to="p3@ville.example", **planted))
    assert check_maildir(fill(tmp_path, *mails), 4) == [f"{fault} (1 mails, first mail3)"]
