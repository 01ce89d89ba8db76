"""What is proposed to be removed, in words."""

from dataclasses import dataclass

from mailer.i18n import marked


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of old things: what they are, and what removing them means."""

    title: str
    meaning: str


#: The proposals of removal, by their kind.
KINDS = {
    "inactive": Kept(
        marked("People of whom nothing was heard"),
        marked(
            "No choice, no answer and no click for so long, and no membership today. They are erased; whoever asked for "
            "no more letters stays excluded, as a fingerprint."
        ),
    ),
    "asleep": Kept(
        marked("Subscriptions of people who no longer open"),
        marked(
            "Of people who have accepted the measure for so long, in campaigns that keep the day of the last opening, and who "
            "opened none of these letters; one of the last four weeks does not count yet. These subscriptions end; their "
            "people may subscribe again whenever they like. Blocked images look like this too: write to them first."
        ),
    ),
    "exclusions": Kept(
        marked("Excluded addresses of people who are no longer here"),
        marked(
            "Each address becomes a fingerprint: nobody can read it any more, and no import brings it back."
        ),
    ),
    "names": Kept(
        marked("Names in old copies"),
        marked(
            "The copies of letters sent long ago keep their counts and their links; the names merged into them go."
        ),
    ),
    "imports": Kept(
        marked("Imported files of long ago"),
        marked("Their names and counts go. Where each address comes from stays with the person."),
    ),
    "signups": Kept(
        marked("Sign-ups that nobody confirmed"),
        marked("Their link is over. The next night removes them anyway."),
    ),
}
