"""``teachers`` lists who may teach."""

from typer.testing import CliRunner

from include.cli import app


def test_the_command_shows_the_catalogue() -> None:
    result = CliRunner().invoke(app, ["teachers"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    for words in ("allowed", "conditional", "forbidden", "Llama 3.1", "api.openai.com"):
        assert words in result.output
