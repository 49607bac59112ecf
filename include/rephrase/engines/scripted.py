"""A deterministic stand-in without a model, for unit tests alone; every row it writes names it."""

from collections.abc import Iterable, Iterator

from include.rephrase.engines.base import Request, Result


class ScriptedEngine:
    """Answers with the words of the prompt in a new order: no language model, no claim to be one."""

    name = "scripted"
    version = "1"

    def generate(self, requests: Iterable[Request]) -> Iterator[Result]:
        for request in requests:
            words = request.messages[-1]["content"].split()
            answer = " ".join(sorted(words, key=lambda word: (hash_of(word, request.seed), word))[: request.max_tokens])
            if "Question:" in request.messages[0]["content"]:
                half = len(words) // 2
                answer = (
                    f"Question: {' '.join(words[:half])}?\nAnswer: {answer}\nQuestion: {answer}?\nAnswer: {words[-1]}"
                )
            yield Result(request.generation_key, answer, "stop", None, len(words), len(answer.split()))


def hash_of(word: str, seed: int) -> int:
    """A hash that is the same in every process."""
    import zlib

    return zlib.crc32(f"{seed} {word}".encode())
