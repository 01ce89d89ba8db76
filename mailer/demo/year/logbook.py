"""What was played, one line of JSON per step: an interrupted year goes on after the last of them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]


@dataclass(slots=True)
class Logbook:
    """Steps by name. A line is on the disk before `write` returns; a torn last line is as if it were not there."""

    path: Path
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Logbook":
        if not path.exists():
            return cls(path)
        whole = path.read_bytes().rpartition(b"\n")[0]
        path.write_bytes(whole + b"\n" if whole else b"")
        found = [json.loads(line) for line in whole.splitlines()]
        return cls(path, {each["step"]: each for each in found})

    def write(self, step: str, values: Mapping[str, Any]) -> None:
        entry = {"step": step, **values}
        with self.path.open("ab") as file:
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.entries[step] = entry

    def __contains__(self, step: str) -> bool:
        return step in self.entries
