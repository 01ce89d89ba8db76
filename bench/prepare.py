"""A database with that many contacts: `python -m bench.prepare DATABASE_URL COUNT`, in a process of its own."""

import json
import sys
import tempfile
from pathlib import Path

from bench.people import fill
from mailer.store import Store
from mailer.store.schema import migrate


def main(url: str, count: int) -> dict[str, float]:
    store = Store(url)
    migrate(store)
    with tempfile.TemporaryDirectory() as folder:
        taken = fill(store, Path(folder), count)
    store.close()
    return {"seconds": taken}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
