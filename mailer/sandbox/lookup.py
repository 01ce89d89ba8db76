"""What the API says of a message it has: `messages/message` and `messages/deliveries`."""

import base64
import sqlite3
from collections.abc import Callable
from typing import Any

from mailer.sandbox.ledger import Ledger

RawOf = Callable[[str, float], bytes | None]


def find(ledger: Ledger, number: int) -> sqlite3.Row | None:
    rows = ledger.read("SELECT * FROM message WHERE id = ?", number)
    return rows[0] if rows else None


def describe(row: sqlite3.Row, expansions: object, raw_of: RawOf) -> dict[str, Any]:
    """id and token, and the named expansions; `True` asks for all."""
    parts: dict[str, Callable[[], object]] = {
        "status": lambda: _status(row),
        "details": lambda: _details(row),
        "inspection": lambda: {
            "inspected": False,
            "spam": False,
            "spam_score": 0.0,
            "threat": False,
            "threat_details": None,
        },
        "raw_message": lambda: _raw(row, raw_of),
        "activity_entries": lambda: {"loads": [], "clicks": []},
    }
    wanted = parts if expansions is True else expansions if isinstance(expansions, list) else []
    return {
        "id": row["id"],
        "token": row["token"],
        **{name: parts[name]() for name in wanted if name in parts},
    }


def deliveries(ledger: Ledger, number: int) -> list[dict[str, Any]]:
    """Every attempt, oldest first."""
    rows = ledger.read("SELECT * FROM delivery WHERE message = ? ORDER BY id", number)
    return [
        {
            "id": row["id"],
            "status": row["status"],
            "details": row["details"],
            "output": row["output"].strip(),
            "sent_with_ssl": bool(row["sent_with_ssl"]),
            "log_id": row["log_id"],
            "time": row["time"],
            "timestamp": row["timestamp"],
        }
        for row in rows
    ]


def in_webhook(row: sqlite3.Row) -> dict[str, Any]:
    """A message as webhooks show it."""
    return {
        "id": row["id"],
        "token": row["token"],
        "direction": row["direction"],
        "message_id": row["message_id"],
        "to": row["rcpt_to"],
        "from": row["mail_from"],
        "subject": row["subject"],
        "timestamp": row["timestamp"],
        "spam_status": "NotChecked",
        "tag": row["tag"],
    }


def _status(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "status": row["status"],
        "last_delivery_attempt": row["last_attempt"],
        "held": row["status"] == "Held",
        "hold_expiry": row["hold_expiry"],
    }


def _details(row: sqlite3.Row) -> dict[str, Any]:
    same = ("rcpt_to", "mail_from", "subject", "message_id", "timestamp", "direction", "bounce_for_id", "tag")
    return {
        **{name: row[name] for name in same},
        "size": str(row["size"]),  # a text, as Postal gives it
        "bounce": bool(row["bounce"]),
        "received_with_ssl": bool(row["ssl"]),
    }


def _raw(row: sqlite3.Row, raw_of: RawOf) -> str | None:
    raw = raw_of(row["token"], row["timestamp"])
    return None if raw is None else base64.b64encode(raw).decode()
