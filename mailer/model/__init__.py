"""The nouns: SQLModel tables for rows, frozen dataclasses for values in flight, enums.

- people: organisations, memberships, contacts, subscriptions, consents, exclusions
- imports: columns as somebody chose them, and what undoing an import puts back
- workspace: what people write in files (campaigns, issues, blocks, segments' trees are in `segment`)
- ledger: snapshots, sends, deliveries, attempts, approvals
- events: what happened to deliveries, and the measure of opens
- mail: values between the ledger and a provider
- accounts: users of the desk, their sessions, the log of acts
- report: the figures of one send
- tallies: counts of finished sends, kept
- planned: the planned days of a rhythm, and what was done for them
- digests: those figures, by mail
"""
