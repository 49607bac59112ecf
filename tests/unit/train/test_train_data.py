"""From texts to blocks: nothing lost, nothing twice, the same order every time."""

import numpy as np
from train_corpus import sentences

from include.train.data import IGNORE, cut, cut_by_host, draw
from include.train.tokenizer import END, encode, train_tokenizer

DOCUMENTS = [np.array([10 * d + 1, 10 * d + 2, END], dtype=np.int32) for d in range(1, 6)]


def test_an_arm_draws_exactly_the_asked_number_of_tokens_from_little_or_much_data() -> None:
    for tokens in (1, 4, 15, 100):
        assert len(draw(DOCUMENTS, tokens, seed=0)) == tokens + 1


def test_every_epoch_has_every_document_once_in_a_new_order() -> None:
    stream = draw(DOCUMENTS, tokens=30, seed=0)
    assert stream[0] == END
    first, second = stream[1:16], stream[16:31]
    assert sorted(first) == sorted(second) == sorted(np.concatenate(DOCUMENTS))
    assert not np.array_equal(first, second)
    assert np.array_equal(stream, draw(DOCUMENTS, tokens=30, seed=0))
    assert not np.array_equal(stream, draw(DOCUMENTS, tokens=30, seed=1))


def test_each_token_is_predicted_once_from_the_one_before_it() -> None:
    stream = draw(DOCUMENTS, tokens=14, seed=0)
    blocks = cut(stream, context=4)
    assert blocks.inputs.shape == blocks.targets.shape == (4, 4)
    assert blocks.tokens == 14
    known = blocks.targets != IGNORE
    assert np.array_equal(blocks.targets[known], stream[1:])
    assert np.array_equal(blocks.inputs[known], stream[:-1])


def test_heldout_blocks_never_span_two_hosts() -> None:
    hosts = ["b", "a", "b", "a", "b"]
    blocks, block_hosts = cut_by_host(DOCUMENTS, hosts, context=4)
    assert block_hosts == ["a", "a", "b", "b", "b"]
    assert blocks.tokens == 15
    of_a = blocks.targets[:2]
    assert of_a[of_a != IGNORE].tolist() == [21, 22, END, 41, 42, END]


def test_a_sample_of_blocks_is_spread_over_all_of_them() -> None:
    blocks = cut(np.arange(101, dtype=np.int32), context=10)
    assert blocks.sample(30).inputs[:, 0].tolist() == [0, 40, 90]
    assert blocks.sample(1).inputs.shape == (1, 10)
    assert blocks.sample(10_000).tokens == 100


def test_the_tokenizer_is_the_same_twice_and_gives_the_text_back() -> None:
    texts = sentences(200, seed=1)
    first, second = train_tokenizer(texts, 400), train_tokenizer(texts, 400)
    assert first.to_str() == second.to_str()
    assert first.get_vocab_size() == 400
    unseen = "Ünseen wörds, 漢字 and <|endoftext|> spelled out."
    (ids,) = encode(first, [unseen])
    assert first.decode(ids[:-1].tolist()) == unseen
    assert ids[-1] == END
    assert END not in ids[:-1]
