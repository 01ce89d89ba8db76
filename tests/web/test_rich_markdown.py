"""In Debian's chromium: what the editor of texts reads of Markdown and writes of it, held against the mail's own Markdown."""

import re
from collections.abc import Iterator
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from mailer import workspace
from mailer.model.workspace import FieldKind, field_values
from mailer.rendering.links import LinkBook
from mailer.rendering.markdown import as_html, as_text
from mailer.rendering.slots import fill_links
from tests.conftest import REPOSITORY
from tests.web.conftest import Desk
from tests.web.test_composing_browser import REF, open_page

pytestmark = pytest.mark.browser

#: Reads texts as the editor does: null where it would lose something; else what it writes when nothing, and when
#: everything of it was touched.
READ = """async (texts) => {
    const [{ Editor }, { extensions }, { createMarkdown }] = await Promise.all(
        ["tiptap", "rich/schema", "rich/markdown"].map((each) => import(`/static/compose/${each}.js`)),
    );
    const editor = new Editor({ element: null, injectCSS: false, extensions: extensions([]) });
    const { read, write } = createMarkdown(editor.schema);
    return texts.map((text) => {
        const doc = read(text);
        return doc && [write(doc), write(editor.schema.nodeFromJSON(doc.toJSON()))];
    });
}"""
#: Writes a document, reads it again, and says how both read and what the page's Markdown makes of it.
WRITE = """async (json) => {
    const [{ Editor }, { extensions }, { createMarkdown, rendered }, { shape }] = await Promise.all(
        ["tiptap", "rich/schema", "rich/markdown", "rich/shape"].map((each) => import(`/static/compose/${each}.js`)),
    );
    const editor = (window.editor ??= new Editor({ element: null, injectCSS: false, extensions: extensions([]) }));
    const { read, write } = createMarkdown(editor.schema);
    const doc = editor.schema.nodeFromJSON(json);
    const text = write(doc);
    return { text, meant: shape(doc), found: shape(read(text)), html: rendered(text) };
}"""

SHOWN = [
    "",
    "Un mot.",
    "Un **mot**, *deux*, ***trois*** et **un *mot* dedans**.",
    "Deux lignes\nd’un paragraphe, et une\\\nligne forcée, et une  \nautre.",
    "- un\n- deux\n  - dedans\n- trois",
    "- de l’air\n\n- entre les points",
    "* étoile\n* étoile",
    "3. trois\n4. quatre",
    "2) deux\n3) trois",
    "Du texte\n- collé à sa liste\n\nEt la suite\n\n\nplus loin.",
    "- une liste\n\n* une autre\n\n- une troisième",
    "1. un\n\n   Un paragraphe du premier.\n2. deux",
    "[Un lien](https://reseau.example/a?x=1&copy=2), [**gras**](https://reseau.example) et <https://reseau.example/b>.",
    'Un [titre](https://reseau.example "à lire") et [écrire](mailto:anne@reseau.example).',
    "[relatif](page.html) et [en clair](http://reseau.example) restent ce qu’ils sont.",
    "Parenthèses : [x](https://reseau.example/a_(b)) et [y](<https://reseau.example/a b>).",
    "Bonsoir {{ first_name | chère collègue, cher *collègue* }}, de {{organisation}}.",
    "**{{ first_name | vous }}**s et [{{ last_name }}](https://reseau.example/?n={{ first_name | x }}).",
    "{{ prenom }} et {{ first_name",
    "{{ first_name }}{{ last_name|x }} *{{organisation}}* a{{ first_name }}b *c*{{ last_name }}",
    "{{ first_name | {x} }} {{ first_name | a | b }} \\{{ first_name }} {{{ first_name }}}",
    "Insécables : « 10 % » ; 1 900 €.",
    "# un dièse, > un chevron, | une barre | restent du texte",
    "> cité\n\n# titre\n\n---\n\n    quatre blancs",
    "3 * 4 * 5, snake_case_x, a_b, ~tilde~, 2 < 3, A & B, AT&T",
    "\\*pas de gras\\*, \\- pas un point, 2\\. pas un numéro, \\[pas un lien\\]",
    "\\- pas un point",
    "2026\\. Une année.",
    "&eacute;t&eacute; &amp;amp; &#42;",
    "l’**« accord »** et **« accord »**&#115;",
    "*a*&#110;on*b*",
    "[une]: référence",
    "  trois blancs au début",
    "::: article\nn’est pas une clôture ici",
    "- - une liste dans un point sans texte",
]
#: A picture is not among them: the mail shows its words, as a link.
UNSHOWN = [
    "Du `code` dans le texte.",
    "Du texte ~~rayé~~.",
    "Un lien sans mots : [](https://reseau.example).",
    "RELAIS0SIALER",
    # Braces that are spelled out are no field in the mail, and would be one here.
    "Un texte &#123;{ first_name }}.",
    "Un texte {\\{ organisation | x }}.",
]


@pytest.fixture(scope="module")
def shipped() -> list[str]:
    """The texts of every shipped letter."""
    found, problems = workspace.load(REPOSITORY)
    assert not problems
    return [
        values[field.name]
        for campaign in found.campaigns.values()
        for issue in campaign.issues.values()
        for block in issue.blocks
        for block_type in [found.templates.blocks[block.kind]]
        for values in [field_values(block, block_type)]
        for field in block_type.fields
        if field.kind is FieldKind.TEXT
    ]


@pytest.fixture
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    found = open_page(desk, browser, f"/lettres/{REF}/ecrire")
    yield found
    found.context.close()


def html_of(text: str) -> str:
    """As in the mail; where its source breaks a line is none of its meaning."""
    book = LinkBook()
    return re.sub(r"\n(?!<)|(?<=[^>])\n", " ", as_html(text, book)) + str(
        [escape(each) for each in book.targets]
    )


def text_of(text: str) -> str:
    return as_text(text, LinkBook())


def test_texts_nobody_touched_are_as_they_were_and_touched_ones_mean_the_same(
    page: Page, shipped: list[str]
) -> None:
    assert len(shipped) > 20
    texts = SHOWN + shipped
    for text, written in zip(texts, page.evaluate(READ, texts), strict=True):
        assert written is not None, text
        untouched, touched = written
        assert untouched == text.strip("\n"), text
        assert html_of(touched) == html_of(text), (text, touched)
        if "1." not in text:
            assert text_of(touched) == text_of(text), (text, touched)


def test_a_touched_block_alone_is_written_anew(page: Page) -> None:
    """One more word in the last paragraph: what stands above keeps its own signs and its own lines."""
    text = "* étoile\n* étoile\n\n\nUn\nparagraphe __gras__.\nFin"
    last = "Un paragraphe **gras**. Fin et suite"
    page.goto(page.url + "?ouvert=2")
    page.locator("#b2-text").evaluate(
        "(area, text) => { area.value = text; area.dispatchEvent(new Event('input', { bubbles: true })); }",
        text,
    )
    page.locator("#b2-text-r p").last.click()
    page.keyboard.press("End")
    page.keyboard.type(" et suite")
    assert page.input_value("#b2-text") == f"* étoile\n* étoile\n\n{last}"
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert page.input_value("#b2-text") == text


def test_what_the_editor_cannot_show_is_left_alone(page: Page) -> None:
    assert page.evaluate(READ, UNSHOWN) == [None] * len(UNSHOWN)


# --- whatever can be written ------------------------------------------------------------------------

_MARKS = st.lists(st.sampled_from(["bold", "italic", "link"]), max_size=2, unique=True)
_LINKS = st.sampled_from(["https://a.example/(b)_c?d=1&copy=2", "mailto:anne@a.example"])
_WORDS = st.text("ab1 \u00a0*_`~[]()<>&;#!.-+:«»’{}|\\é😀", min_size=1, max_size=6) | st.sampled_from(
    ["mot", " et ", "1. ", "- ", "&amp;", "<a>", "**", "http://x", "!"]
)

_FIELDS = st.sampled_from(
    ["{{ first_name | a*b }}", "{{organisation}}", "{{\u00a0last_name | [x](y) & *z }}"]
)
_DRESS = st.sampled_from([[], ["bold"], ["italic", "bold"]])


@st.composite
def texts(draw: st.DrawFn) -> dict[str, object]:
    link = {"href": draw(_LINKS), "title": None}
    marks = [{"type": name, **({"attrs": link} if name == "link" else {})} for name in draw(_MARKS)]
    return {"type": "text", "text": draw(_WORDS), "marks": marks}


@st.composite
def fields(draw: st.DrawFn) -> list[dict[str, object]]:
    """A field between blanks: no sign could part a bold mark of punctuation from one that touches it."""
    blank = {"type": "text", "text": " "}
    marks = [{"type": name} for name in draw(_DRESS)]
    return [blank, {"type": "merge", "attrs": {"source": draw(_FIELDS)}, "marks": marks}, blank]


# What is drawn from is made once: making it at each draw takes longer than drawing.
_SINGLE = (texts() | texts() | texts() | st.just({"type": "hardBreak"})).map(lambda node: [node])
_CONTENT = st.lists(_SINGLE | fields(), max_size=4)


@st.composite
def paragraphs(draw: st.DrawFn) -> dict[str, object]:
    content = [node for nodes in draw(_CONTENT) for node in nodes]
    return {"type": "paragraph", **({"content": content} if content else {})}


_STARTS = st.sampled_from([{}, {"start": 1}, {"start": 9}])
_TIGHT = st.booleans()


@st.composite
def lists(draw: st.DrawFn, contents: st.SearchStrategy[object]) -> dict[str, object]:
    items = [{"type": "listItem", "content": [first, *more]} for first, more in draw(contents)]
    start = draw(_STARTS)
    kind = "orderedList" if start else "bulletList"
    return {"type": kind, "attrs": {"tight": draw(_TIGHT), **start}, "content": items}


def _contents(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(st.tuples(paragraphs(), st.lists(inner, max_size=1)), min_size=1, max_size=3)


_LISTS = lists(_contents(lists(_contents(paragraphs()))))
documents = st.lists(paragraphs() | _LISTS, min_size=1, max_size=3)


def test_whatever_is_written_reads_the_same_here_and_in_the_mail(page: Page) -> None:
    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(documents)
    def check(content: list[dict[str, object]]) -> None:
        found = page.evaluate(WRITE, {"type": "doc", "content": content})
        assert found["found"] == found["meant"], found
        if "{{" not in found["text"]:
            book = LinkBook()
            mailed = fill_links(as_html(found["text"], book), [escape(each) for each in book.targets])
            assert unescape(mailed) == unescape(found["html"]).strip(), found

    check()
