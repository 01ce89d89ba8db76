"""`mailer results` and `mailer year`: words, JSON and files."""

from pathlib import Path

from tests.cli.conftest import Command


def test_a_year_without_letters_says_so(command: Command) -> None:
    said = command("year", "2025")
    assert (said.status, said.out.strip()) == (0, "In 2025, the network sent no letter.")
    assert command("year", "2025", "--json").json["campaigns"] == []


def test_a_year_out_of_range_is_refused_in_words(command: Command) -> None:
    said = command("year", "1815", "--json")
    assert (said.status, said.json["error"]) == (1, "There is no review of the year 1815.")


def test_a_campaign_has_its_list_even_before_its_first_letter(command: Command) -> None:
    values = command("results", "flash", "--json").json
    assert values["letters"] == []
    assert (values["list"]["subscribed"], len(values["list"]["months"])) == (0, 12)
    assert values["discernible"] is None
    assert "No letter has left yet." in command("results").out


def test_a_file_is_written_where_it_was_asked_for(command: Command, tmp_path: Path) -> None:
    for name in ("letters.csv", "letters.xlsx"):
        assert command("results", "--export", tmp_path / name, "--json").json["export"] == str(
            tmp_path / name
        )
        assert (tmp_path / name).stat().st_size > 0


def test_a_year_is_printed_on_a_page(command: Command, tmp_path: Path) -> None:
    page = tmp_path / "year.pdf"
    assert command("year", "2025", "--pdf", page, "--json").json["pdf"] == str(page)
    assert page.read_bytes().startswith(b"%PDF-")


def test_a_file_of_another_kind_is_refused_before_anything_is_written(
    command: Command, tmp_path: Path
) -> None:
    said = command("results", "--export", tmp_path / "letters.pdf")
    assert said.status == 1
    assert "must end in .csv or .xlsx" in said.err
    assert list(tmp_path.glob("letters*")) == []
