"""Words of the composer: what is to be mended, said beside its field, and where that field is."""

from collections.abc import Mapping
from dataclasses import replace

from mailer.app.drafts import Draft
from mailer.errors import Problem, fill
from mailer.i18n import Translator, marked
from mailer.model.workspace import Block, BlockType, FieldKind, field_values

#: Problems of the file, said to somebody who sees a form and no file.
_SAID = {
    "missing-field": marked("This is needed."),
    "missing-alt": marked("Describe the picture in one sentence, or say that it only decorates."),
    "too-long": marked("{length} characters; {maximum} fit."),
    "bad-date": marked("“{value}” is not a date."),
    "bad-link": marked("This is not a link. Write the whole address, beginning with https://."),
    "missing-file": marked("{file} is no longer there. Choose another one."),
    "unknown-block": marked("This kind of block is not known here. Nothing of it would be shown."),
    "unexpected-text": marked("This block holds a text that it does not show."),
    "no-text": marked("There is nothing to read yet: add a block."),
    "consent-undeclared": marked("The letter asks whether openings may be measured: tick that it does."),
    "consent-unasked": marked(
        "The letter is to ask whether openings may be measured: add the block that asks, or untick it."
    ),
}
_OF_SUBJECT = {"no-subject", "long-subject", "same-subject", "header", "missing-subject", "refused-subject"}
_OF_PREHEADER = {"no-preheader", "long-preheader", "same-preheader"}
_OF_HOUR = {"refused-hour"}
_OF_QUESTION = {"consent-undeclared", "consent-unasked"}
_HEAD = {
    "subject": marked("Subject"),
    "second_subject": marked("Second subject"),
    "preheader": marked("Preheader"),
    "day": marked("Day and hour"),
}
_CHANGES = {
    "found": marked("As it was found"),
    "created": marked("Created"),
    "saved": marked("Written"),
    "typed": marked("Written"),
    "undone": marked("Undone"),
    "redone": marked("Redone"),
    "restored": marked("Restored"),
    "merged": marked("Put together"),
    "aside": marked("Kept aside"),
}
DONE = {
    "moved": marked("Block moved to position {place} of {count}."),
    "added": marked("Block added at position {place} of {count}."),
    "copied": marked("Block copied to position {place} of {count}."),
    "deleted": marked("Block deleted. “Undo” brings it back."),
    "undone": marked("The last change is undone."),
    "redone": marked("The change is made again."),
    "nothing": marked("There is nothing more to undo or redo."),
    "restored": marked("The former version is back. The other one stays in the history."),
    "created": marked("The letter is created. It is saved while you write."),
    "saved": marked("Saved."),
    "remark-done": marked("The remark is marked as answered."),
    "remark-reopened": marked("The remark waits for an answer again."),
    "asked": marked("They are asked to read it: the mails are on their way."),
    "renewed": marked("This page now shows what was changed elsewhere, too."),
    "merged": marked("Both versions are put together. Each one stays in the history."),
}


def sentence(t: Translator, problem: Problem) -> str:
    """What is wrong and what to do; where, only if that is another file than the letter's."""
    if problem.code in _SAID:
        return fill(t(_SAID[problem.code]), problem.values)
    is_elsewhere = problem.path is not None and problem.path.suffix != ".md"
    return t.problem(problem if is_elsewhere else replace(problem, path=None, line=None))


def title(t: Translator, problem: Problem, draft: Draft) -> str:
    """The first words of an entry: the block and the field where it is."""
    place = target(problem, draft)
    if not problem.block or problem.block > len(draft.issue.blocks):
        return t(_HEAD[place]) if place in _HEAD else t("The letter")
    block_type = draft.workspace.templates.blocks.get(draft.issue.blocks[problem.block - 1].kind)
    name = place.partition("-")[2]
    fields = block_type.fields if block_type else ()
    label = next((each.label.get(t.language, "") for each in fields if each.name == name), "")
    said = t("Block {number}", number=problem.block)
    return f"{said}, {label[:1].lower()}{label[1:]}" if label else said


def change(t: Translator, code: str) -> str:
    return t(_CHANGES[code])


def done(t: Translator, code: str, *, place: int, count: int) -> str:
    return t(DONE[code], place=place, count=count) if code in DONE else ""


def target(problem: Problem, draft: Draft) -> str:
    """The id of the field to go to: every entry leads somewhere."""
    if problem.field == "second_subject":
        return problem.field
    if problem.code in _OF_SUBJECT:
        return "subject"
    if problem.code in _OF_PREHEADER:
        return "preheader"
    if problem.code in _OF_HOUR:
        return "day"
    if problem.code in _OF_QUESTION:
        return "asks_consent"
    blocks = draft.issue.blocks
    if problem.block is None or not 1 <= problem.block <= len(blocks):
        return _head_holding(problem, draft) or "contenu"
    block = blocks[problem.block - 1]
    block_type = draft.workspace.templates.blocks.get(block.kind)
    name = _field_of(problem, block, block_type) if block_type else ""
    return f"b{problem.block}-{name}" if name else f"bloc-{problem.block}"


def _head_holding(problem: Problem, draft: Draft) -> str:
    """Subject or preheader, where one of them holds what the problem is about."""
    named = str(problem.values.get("field", ""))
    if named in {"subject", "preheader", "number", "day"}:
        return named
    about = [str(value) for value in problem.values.values() if str(value).strip()]
    for name, text in (("subject", draft.issue.subject), ("preheader", draft.issue.preheader)):
        if any(each in text for each in about):
            return name
    return ""


def _field_of(problem: Problem, block: Block, block_type: BlockType) -> str:
    """The field that the problem names, else the one that holds what it is about, else the first."""
    names = {declared.name: declared for declared in block_type.fields}
    named = str(problem.values.get("field", ""))
    if named in names:
        return named
    if problem.code in {"image-alt", "missing-alt"}:
        return next((name for name, each in names.items() if each.kind is FieldKind.ALT), "")
    values = field_values(block, block_type)
    return _holding(values, problem) or next(iter(names), "")


def _holding(values: Mapping[str, str], problem: Problem) -> str:
    about = [str(value) for key, value in problem.values.items() if key != "kind" and str(value).strip()]
    for is_found in (str.__eq__, str.__contains__):
        for name, text in values.items():
            if text and any(is_found(text, each) for each in about):
                return name
    return ""
