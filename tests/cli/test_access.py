"""`mailer admin` and `mailer access`: links where no mail can bring one."""

from tests.cli.conftest import Command

ADDRESS = "claude@reseau.example"


def test_a_link_is_printed_for_an_account_that_is_there(command: Command) -> None:
    unknown = command("access", ADDRESS)
    assert unknown.status == 1
    assert "Nobody has an account" in unknown.err
    assert command("admin", ADDRESS).status == 0
    found = command("access", ADDRESS, "--without-second-factor", "--json")
    assert "/premier-acces/" in found.json["link"]
    assert "Open http" in command("access", ADDRESS).out
