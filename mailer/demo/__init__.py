"""The whole job, played with an embedded provider and simulated readers; nothing leaves this machine.

- `play`: the play, act by act
- `stage`: the folder, the settings, and the two server processes it runs beside itself
- `year`: a fictional 2023 with a moved clock
- `readers`: simulated readers, a program of its own that knows the engine only through HTTP and the mail
"""

from mailer.demo.play import play
from mailer.demo.year import play_year

__all__ = ["play", "play_year"]
