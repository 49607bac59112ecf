"""Chats into the tokens that the teacher gets."""

import logging
from typing import Any

from include.errors import BadInput
from include.rephrase.engines.base import Request, Result

log = logging.getLogger("rewrap.engine")

Tokens = list[int]


class Prompts:
    """Applies a teacher's own chat template and tokenizer; finds what does not fit before it is submitted."""

    def __init__(self, tokenizer: Any, max_model_len: int, teacher: str) -> None:
        """
        Args:
            tokenizer: one of transformers, with ``apply_chat_template``.

        Raises:
            BadInput: it has no usable chat template.
        """
        self.tokenizer = tokenizer
        self.max_model_len = max_model_len
        self._joins_system = self._needs_joined_system(teacher)

    def tokenize(self, request: Request) -> Tokens | Result:
        """The prompt as the teacher gets it, or why it cannot get it."""
        import jinja2

        try:
            tokens = self._render(_joined_system(request.messages) if self._joins_system else request.messages)
        except jinja2.TemplateError as error:
            return refused(request, f"the teacher's chat template refuses the messages: {error}")
        needed = len(tokens) + request.max_tokens
        if needed > self.max_model_len:
            return refused(
                request, f"needs {needed} tokens for prompt and answer, max_model_len is {self.max_model_len}"
            )
        return tokens

    def _render(self, messages: list[dict[str, str]]) -> Tokens:
        tokens: Tokens = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        return tokens

    def _needs_joined_system(self, teacher: str) -> bool:
        """Whether the template takes no system message."""
        import jinja2

        user = {"role": "user", "content": "?"}
        try:
            self._render([user])
        except (ValueError, jinja2.TemplateError) as error:
            raise BadInput(
                f"Teacher {teacher!r} has no usable chat template ({error}). Take a model that was tuned to follow "
                "instructions, or put its chat_template.jinja into its folder."
            ) from error
        try:
            self._render([{"role": "system", "content": "?"}, user])
        except jinja2.TemplateError:
            log.info("%s takes no system message: it is put before the user's", teacher)
            return True
        return False


def refused(request: Request, reason: str) -> Result:
    """The result of a request that never reaches the teacher."""
    return Result(request.generation_key, "", "error", reason, 0, 0)


def _joined_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same chat for templates without a system role (Gemma's): its text begins the user's message."""
    system, *others = messages
    if system["role"] != "system" or not others:
        return messages
    return [{"role": others[0]["role"], "content": f"{system['content']}\n\n{others[0]['content']}"}, *others[1:]]
