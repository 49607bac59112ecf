"""Counts prompts as the engine will: the chat in the teacher's own template, in the teacher's own tokens."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from include.errors import BadInput
from include.recipes.recipe import Message
from include.rephrase.engines.prompts import _joined_system as joined_system
from include.rephrase.segment import CountTokens
from include.rephrase.teacher import Teacher

log = logging.getLogger("rewrap.plan")

TEMPLATE = "chat_template.jinja"
CONFIG = "tokenizer_config.json"
PLAIN = "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}<|end|>\n{% endfor %}<|assistant|>\n"
"""For a teacher whose template cannot be read here. As its signs are no special tokens, it counts rather too many."""

CountChat = Callable[[list[Message]], int]
"""Prompt tokens of a chat, all that the template puts around it included."""


def chat_counter(teacher: Teacher, count_tokens: CountTokens) -> CountChat:
    """
    Args:
        count_tokens: the teacher's.

    Raises (when counting):
        BadInput: the template refuses the chat, so that the engine would refuse every request.
    """
    config = _json(teacher.path / CONFIG)
    source = _template(teacher.path, config)
    if source is None:
        log.warning("teacher %s has no chat template: its prompts are counted with a plain one", teacher.name)
    try:
        template = _compile(source or PLAIN)
    except SyntaxError as error:
        log.warning("the chat template of %s cannot be read here (%s): a plain one is counted", teacher.name, error)
        template = _compile(PLAIN)
    special = {name: _token(config[name]) for name in config if name.endswith("_token")}

    def render(messages: list[Message]) -> str:
        text: str = template.render(messages=messages, add_generation_prompt=True, **special)
        return text

    def count(messages: list[Message]) -> int:
        from jinja2 import TemplateError

        try:
            text = render(messages)
        except TemplateError:
            try:
                text = render(joined_system(messages))
            except TemplateError as error:
                raise BadInput(
                    f"The chat template of teacher {teacher.name} refuses a user's message: {error}. The engine would "
                    "refuse all requests. Name another teacher in rephrase.teacher, or mend its template."
                ) from None
        return count_tokens([text])[0]

    return count


def _template(folder: Path, config: dict[str, Any]) -> str | None:
    """From its own file or, in older models, from the tokenizer's settings: one, or several by name."""
    if (file := folder / TEMPLATE).exists():
        return file.read_text()
    found = config.get("chat_template")
    if isinstance(found, list):
        found = {named["name"]: named["template"] for named in found}.get("default")
    return found


def _compile(source: str) -> Any:
    """The template, with what transformers offers to templates; it may compute, but touches nothing outside itself.

    Raises:
        SyntaxError: it uses what is not offered here.
    """
    from jinja2 import TemplateError, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals |= {"raise_exception": refuse, "strftime_now": lambda form: datetime(2026, 1, 1).strftime(form)}
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    try:
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        raise SyntaxError(error.message) from None


def _token(token: Any) -> Any:
    """Special tokens stand in the settings as texts, or as objects with their text."""
    return token["content"] if isinstance(token, dict) else token


def _json(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_bytes()) if file.exists() else {}
    return content
