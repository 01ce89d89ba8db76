"""Issues and files as hypothesis may make them."""

from pathlib import Path

from hypothesis import strategies as st

from mailer.model.workspace import Block, Issue

#: Everything that a file may hold: no controls, no line separators, no lone surrogates.
characters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
lines = st.text(characters, max_size=20) | st.sampled_from(
    [
        ":::",
        "::: text",
        "\\:::",
        "\\\\::: a",
        "---",
        "a\tb ",
        "# x",
        "<!--",
        "{{ first_name | x }}",
        "",
        ' "} ',
        "\\",
        "\\n",
    ]
)
texts = st.lists(lines, max_size=4).map("\n".join)
names = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
own_keys = {"subject", "preheader", "number", "send_at", "erratum_of"}
keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True).filter(lambda key: key not in own_keys)
values = (
    texts
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes()
    | st.sampled_from(["2026-06-11", "47", "true", "007", "2026-06-11 09:00"])
)
blocks = st.builds(Block, kind=names, attributes=st.dictionaries(names, texts, max_size=4), body=texts)
issues = st.builds(
    Issue,
    campaign=st.just("flash"),
    slug=st.just("2026-06-11"),
    path=st.just(Path("campaigns/flash/2026-06-11.md")),
    subject=texts,
    preheader=texts,
    send_at=st.none()
    | st.datetimes().map(lambda at: at.replace(year=1970 + at.year % 130, day=min(at.day, 28))),
    number=st.none() | st.integers(min_value=1),
    erratum_of=texts,
    blocks=st.lists(blocks, max_size=5).map(tuple),
    front=st.dictionaries(keys, values, max_size=4),
)

_front_lines = st.sampled_from(
    [
        'subject: "Lots réservés"',
        "subject: Sans guillemets : oui # noté",
        "subject: 'L''objet'",
        'preheader: "un \\"mot\\""   # à relire',
        "preheader:",
        "number: 47",
        "erratum_of: 2026-06-04  # sans guillemets",
        'erratum_of: ""',
        "number:  47 # rang",
        "send_at: 2026-06-11 09:00",
        "send_at: 2026-06-11 09:00:30\t# précis",
        "# un commentaire",
        "",
        "   ",
        "author: Communication",
        "ratio: 0.5",
        "seen: true",
        "on: 2026-06-11",
        "code: 007",
        "at: 2026-06-11 09:00+02:00",
        "big: 1e+22",
    ]
)
_body_lines = st.sampled_from(
    [
        "# Titre",
        "Un paragraphe.",
        "",
        "  ",
        "\\::: protégé",
        "\\\\::: deux",
        "- liste",
        "---",
        "a\tb ",
        "espace finale ",
    ]
)
_fences = st.sampled_from(
    [
        "::: text",
        ":::text",
        ":::   divider   ",
        "::: article {image=\"media/a.png\"   alt='x'}",
        '::: article {image="media/a.png"   alt="Une \\"place\\""}',
        "::: button {label=Lire link=https://reseau.example/a}",
        "::: quote { }",
        '::: faq {link="a\\nb\\\\"}\t',
    ]
)
_gaps = st.lists(st.sampled_from(["", " ", "<!-- note -->", "<!-- sur\ndeux lignes -->"]), max_size=3)
_blocks = st.tuples(_gaps, _fences, st.lists(_body_lines, max_size=4), st.sampled_from([":::", "::: "])).map(
    lambda found: [*found[0], found[1], *found[2], found[3]]
)
#: Files as people type them; some have mistakes.
files = st.builds(
    lambda bom, front, blocks, tail, end, last: (
        bom
        + (
            "\n".join(["---", *front, "---", *(line for block in blocks for line in block), *tail]) + last
        ).replace("\n", end)
    ),
    st.sampled_from(["", "\ufeff"]),
    st.lists(_front_lines, max_size=5, unique_by=lambda line: line.partition(":")[0]).map(
        lambda found: found if any(line.startswith("subject") for line in found) else ["subject: x", *found]
    ),
    st.lists(_blocks, max_size=4),
    _gaps,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
)
