"""A fictional 2023, played through the real engine: only the clock is moved. Everything that happens in it is SIMULATED.

- `calendar`: what leaves when
- `writing`: the workspace of the year, its letters and its people
- `moving`: the moved clock, which the processes of the play share
- `provider`: the embedded provider on that clock, a process of its own
- `reading`: who reads when; `newcomers`: who signs up
- `logbook`: what was done, step by step, so that an interrupted year goes on
- `checking`: the report, the provider's journal and the readers' log, compared to the unit
- `play`: the play itself
"""

from mailer.demo.year.calendar import WHOLE, Size
from mailer.demo.year.play import FOLDER, play_year

__all__ = ["FOLDER", "WHOLE", "Size", "play_year"]
