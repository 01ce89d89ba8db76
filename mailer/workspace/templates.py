"""templates/: the theme, the layouts and the block types, read into plain data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mailer.errors import Problem
from mailer.model.workspace import BlockField, BlockType, FieldKind, FieldSource, Layout, Templates
from mailer.workspace import places
from mailer.workspace.toml_files import TomlFile, read_text

_BLOCK_KEYS = {"label", "icon", "fields", "description"}
_FIELD_KEYS = {"name", "kind", "source", "label", "help", "required", "default", "maximum", "choices"}


def load_templates(root: Path, problems: list[Problem]) -> Templates:
    """Everything under templates/; what cannot be read is left out and reported."""
    folder = Path("templates")
    theme = TomlFile(root, folder / "theme.toml", problems).values
    layouts = {
        path.name.removesuffix(".mjml.j2"): path
        for path in sorted((root / folder / "layouts").glob("*.mjml.j2"))
    }
    blocks = {path.stem: path for path in sorted((root / folder / "blocks").glob("*.toml"))}
    read_layouts = {
        name: _load_layout(root, path.relative_to(root), name, problems) for name, path in layouts.items()
    }
    read_blocks = {kind: _load_block(root, path.relative_to(root), problems) for kind, path in blocks.items()}
    return Templates(
        root=root / folder,
        theme=theme,
        layouts={name: layout for name, layout in read_layouts.items() if layout},
        blocks={kind: block for kind, block in read_blocks.items() if block},
    )


def _load_layout(root: Path, path: Path, name: str, problems: list[Problem]) -> Layout | None:
    mjml = read_text(root, path, problems)
    text = read_text(root, path.with_name(f"{name}.txt.j2"), problems)
    return None if mjml is None or text is None else Layout(name=name, mjml=mjml, text=text, path=path)


def _load_block(root: Path, path: Path, problems: list[Problem]) -> BlockType | None:
    file = TomlFile(root, path, problems)
    mjml = read_text(root, path.with_suffix(".mjml.j2"), problems)
    text = read_text(root, path.with_suffix(".txt.j2"), problems)
    if not file.is_read or mjml is None or text is None:
        return None
    file.refuse_unknown(_BLOCK_KEYS)
    declared = file.take("fields", list, [])
    fields = [_read_field(file, values, position) for position, values in enumerate(declared, start=1)]
    return BlockType(
        kind=path.stem,
        label=_words(file.take("label", dict, {}, is_required=True)),
        fields=tuple(found for found in fields if found),
        mjml=mjml,
        text=text,
        path=path,
        icon=file.take("icon", str, "text"),
    )


def _read_field(file: TomlFile, values: object, position: int) -> BlockField | None:
    line = file.line("fields", occurrence=position)
    for name in set(values if isinstance(values, dict) else ()) - _FIELD_KEYS:
        file.add(
            "unknown-key",
            message="The key {key} is not known here.",
            remedy="Perhaps you meant: {nearest}.",
            key=name,
            line=line,
            nearest=places.nearest(name, _FIELD_KEYS),
        )
    given = {"source": FieldSource.ATTRIBUTE, **values} if isinstance(values, dict) else values
    try:
        return _field_adapter().validate_python(given)
    except ValidationError as error:
        wrong = [str(each["loc"][0]) for each in error.errors() if each["loc"]]
        file.add(
            "bad-field",
            message="Field {position} cannot be used: {reason}.",
            remedy="It needs name, kind ({kinds}), source ({sources}) and label.",
            line=line,
            position=position,
            reason=", ".join(dict.fromkeys(wrong)) or "[[fields]]",
            kinds=", ".join(FieldKind),
            sources=", ".join(FieldSource),
        )
        return None


@cache
def _field_adapter() -> TypeAdapter[BlockField]:
    """Checks the kind of each value; words are mappings from language to text."""
    return TypeAdapter(BlockField)


def _words(value: Mapping[str, Any]) -> Mapping[str, str]:
    """Language -> words."""
    return {language: str(words) for language, words in value.items()}
