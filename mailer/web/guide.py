"""Help: the steps of a departure, what each state means, how to read a result, who may do what."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.i18n import marked
from mailer.web.pages import page
from mailer.web.roles import ORDER
from mailer.web.visits import Visiting

router = APIRouter()

STEPS = (
    (
        marked("Write"),
        marked(
            "A letter is saved while it is written, and every version is kept. The preview and the checks follow."
        ),
    ),
    (
        marked("Look"),
        marked("The preview is the real mail: on a computer, on a telephone, in dark colours, as text."),
    ),
    (
        marked("Read the checks"),
        marked("What stops the letter comes with its file and its line. The rest is only worth a look."),
    ),
    (marked("Approve"), marked("The approval holds for what was seen. Any change asks for a new one.")),
    (marked("Schedule"), marked("Until it leaves, a letter can be cancelled. While it leaves, paused.")),
)
STATES = {
    "draft": marked("A file that was never scheduled. Nothing leaves by itself."),
    "scheduled": marked("Frozen as it is; it leaves at its hour."),
    "sending": marked("Messages are on their way to the provider, each one once."),
    "paused": marked("No further message leaves until somebody resumes."),
    "settling": marked("Everything was handed over; the last answers of the provider are awaited."),
    "done": marked("Every message has its outcome."),
    "cancelled": marked(
        "What had not left will not leave. If nothing had left, the letter can be scheduled again."
    ),
    "missed": marked("It was too late for its hour. Choose another one, or send it all the same."),
    "held": marked("Something was not as expected. Nothing leaves until somebody decides."),
}
FIGURES = (
    (marked("Targeted"), marked("the people of the audience when the letter left")),
    (marked("Accepted by the provider"), marked("the provider took the message")),
    (marked("Delivered"), marked("the provider reported no error afterwards")),
    (
        marked("Open rate"),
        marked("openings divided by the measured copies that were delivered, never by all"),
    ),
    (marked("Range"), marked("between people only and mail services that load images for their users")),
    (marked("Interval"), marked("what chance alone may change: the fewer people, the wider")),
    (
        marked("In doubt"),
        marked(
            "the provider did not say whether it took the message; no second copy leaves unless somebody decides it"
        ),
    ),
)
RIGHTS = {
    "reader": marked("sees everything, chooses language, colours and password"),
    "writer": marked("also writes letters and sends proofs"),
    "approver": marked("also approves a letter"),
    "sender": marked("also schedules, sends, cancels, pauses and resumes"),
    "administrator": marked("everything"),
}


@router.get("/aide", name="guide")
def guide(request: Request, visit: Visiting) -> Response:
    rights = [(role.value, RIGHTS[role.value]) for role in ORDER]
    return page(
        request,
        "guide.html",
        visit,
        here="guide",
        steps=STEPS,
        states=STATES,
        figures=FIGURES,
        rights=rights,
    )
