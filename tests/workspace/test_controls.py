"""What no file may hold is what Unicode calls a control, a line or paragraph separator, or a lone surrogate."""

import unicodedata

from mailer.workspace.document import first_control


def test_every_character_is_judged_as_unicode_classes_it() -> None:
    kinds = {"Cc", "Zl", "Zp", "Cs"}
    refused = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in kinds}
    assert {chr(code) for code in range(0x110000) if first_control(chr(code))} == refused - {"\t", "\n"}


def test_the_first_one_is_named() -> None:
    assert first_control("un\ttexte\u2028et\x07encore") == "U+2028"
