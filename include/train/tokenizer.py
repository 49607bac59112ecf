"""The tokenizer of the small models: byte-level BPE, so that any text can be encoded without unknown tokens."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer

END_OF_TEXT = "<|endoftext|>"
END = 0
"""Id of END_OF_TEXT: special tokens come first."""


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> "Tokenizer":
    """A tokenizer of at most ``vocab_size`` tokens (fewer if the texts are few); equal texts give an equal one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    # A page that spells the token out must not end the document there.
    tokenizer.encode_special_tokens = True
    return tokenizer


def encode(tokenizer: "Tokenizer", texts: list[str]) -> list[np.ndarray]:
    """Token ids (int32) of each text, each closed by END."""
    return [np.array([*encoding.ids, END], dtype=np.int32) for encoding in tokenizer.encode_batch_fast(texts)]
