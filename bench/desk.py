"""The desk on the shipped workspace, served on a random port of this machine."""

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import uvicorn

from bench.measure import REPOSITORY
from mailer.app import create_mailer
from mailer.app.shipped import PARTS
from mailer.clock import SystemClock
from mailer.model.accounts import Role
from mailer.store import accounts
from mailer.web import create_app


@contextmanager
def desk(database: str = "", role: Role = Role.WRITER) -> Iterator[tuple[str, str]]:
    """Its address and the cookie of somebody with that role; without `database` on an empty one of its own."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for part in PARTS:
            source = REPOSITORY / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if database:
            os.environ["MAILER_DATABASE_URL"] = database
        mailer = create_mailer(root, clock=SystemClock())
        os.environ.pop("MAILER_DATABASE_URL", None)
        server = uvicorn.Server(uvicorn.Config(create_app(mailer), port=port, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        at = mailer.clock.now()
        with mailer.store.write() as tx:
            user = accounts.create_user(tx, "claude@reseau.example", role=role, at=at)
            assert user.id is not None
            secret = accounts.create_session(tx, user.id, at=at, lifetime=timedelta(days=1))
        yield f"http://127.0.0.1:{port}", secret
        server.should_exit = True
        thread.join(timeout=10)
        mailer.close()
