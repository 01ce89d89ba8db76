"""What is kept of imports beside their history: columns as somebody chose them, and what an undo puts back.

What an undo needs of contacts and subscriptions is in `people`, with the run itself.
"""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from mailer.model.columns import Instant, json_column


class ColumnChoice(SQLModel, table=True):
    """Which column is which in files of these headings, as somebody chose it by hand: next month nobody is asked.

    `headings` is a digest of kind and headings; `places` maps our name of a column to its place from 0.
    """

    __tablename__ = "column_choice"
    headings: str = Field(primary_key=True)
    places: dict[str, int] = Field(default_factory=dict, sa_column=json_column())
    at: datetime = Field(sa_type=Instant)


class ImportedOrganisation(SQLModel, table=True):
    """What an import made of one organisation: new, or the values that it had before."""

    __tablename__ = "imported_organisation"
    run_id: int = Field(primary_key=True, foreign_key="import_run.id")
    organisation_id: int = Field(primary_key=True)
    is_new: bool
    siren: str | None = None
    name: str
    kind: str
    departement: str
    region: str
    population: int | None = None
    updated_at: datetime = Field(sa_type=Instant)


class ImportedMembership(SQLModel, table=True):
    """A period that an import began or changed: its former last day, and the one that the import wrote."""

    __tablename__ = "imported_membership"
    run_id: int = Field(primary_key=True, foreign_key="import_run.id")
    organisation_id: int = Field(primary_key=True)
    from_on: date = Field(primary_key=True)
    is_new: bool
    former_until_on: date | None = None
    until_on: date | None = None


class ImportedExclusion(SQLModel, table=True):
    """An exclusion that only an import has asked for: whoever asks for it as well takes it out of here."""

    __tablename__ = "imported_exclusion"
    run_id: int = Field(primary_key=True, foreign_key="import_run.id")
    address: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)


class AddressMove(SQLModel, table=True):
    """A former address, and the person whose it was: a file that still knows it speaks of them."""

    __tablename__ = "address_move"
    address: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    at: datetime = Field(sa_type=Instant)
    by: str = ""
