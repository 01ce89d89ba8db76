"""Snapshot -> deliveries -> provider: claim, guard, personalise, hand over, conclude, settle doubts.

- `asking`: what a person is asked before an issue leaves
- `audiences`: whom a letter, or an erratum, goes to; `errata`: no copy and its correction cross
- `events`: no letter leaves with a date that is no longer true
- `subjects`: two subjects for one letter, where the numbers can decide between them
- `pressure`: how many mails people get in seven days
- `scheduling`: a send is made, paused, resumed, cancelled
- `starting`: the audience becomes rows of the ledger, in one transaction
- `sender`: what a process does with sends; `loop`: how one process hands over one send
- `waiting`: what a provider asks of every mail
- `copies`: one delivery as finished bytes
- `settling`: doubts, and the end of a send; `deciding`: what a person decides of doubts
"""

from mailer.sending.asking import UNATTENDED, Answers, Foreseen, Moved, foresee, require, require_number
from mailer.sending.audiences import Addressing, addressed
from mailer.sending.deciding import give_up, send_again
from mailer.sending.errata import require_copies
from mailer.sending.events import hold_outdated
from mailer.sending.pressure import Pressure, foresee_pressure
from mailer.sending.progress import Progress, SendSummary
from mailer.sending.scheduling import MOVED, cancel, pause, resume, schedule, set_aside
from mailer.sending.sender import Sender
from mailer.sending.settling import STAGED
from mailer.sending.subjects import MOST_DIFFERENCE, Trial, trial

__all__ = [
    "MOST_DIFFERENCE",
    "MOVED",
    "STAGED",
    "UNATTENDED",
    "Addressing",
    "Answers",
    "Foreseen",
    "Moved",
    "Pressure",
    "Progress",
    "SendSummary",
    "Sender",
    "Trial",
    "addressed",
    "cancel",
    "foresee",
    "foresee_pressure",
    "give_up",
    "hold_outdated",
    "pause",
    "require",
    "require_copies",
    "require_number",
    "resume",
    "schedule",
    "send_again",
    "set_aside",
    "trial",
]
