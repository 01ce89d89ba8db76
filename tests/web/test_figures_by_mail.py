"""On one's account: which campaigns' figures come by mail."""

from mailer.model.accounts import Role
from mailer.store import digests
from tests.web.conftest import Desk


def test_an_account_ticks_the_campaigns_it_wants(desk: Desk) -> None:
    session = desk.browser(Role.READER)
    said = desk.post(session, "/compte/bilans", campaign=["flash", "forged"])
    assert said.headers["Location"] == "/compte?fait=bilans"
    page = session.get(desk.url + "/compte").text
    assert 'value="flash" checked' in page
    assert 'value="newsletter" checked' not in page
    with desk.mailer.store.read() as tx:
        assert digests.choices(tx, 1) | digests.choices(tx, 2) | digests.choices(tx, 3) == {"flash"}
    desk.post(session, "/compte/bilans")
    assert "checked" not in session.get(desk.url + "/compte").text
