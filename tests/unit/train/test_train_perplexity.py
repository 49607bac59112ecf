"""Perplexity against values worked out by hand."""

import math

import pytest

from include.train.perplexity import Loss, summarise


def test_perplexity_is_the_exponential_of_the_mean_loss() -> None:
    assert Loss(loss=6 * math.log(8), tokens=6).perplexity == pytest.approx(8.0)


def test_a_mean_loss_above_twenty_is_cut_off() -> None:
    assert Loss(loss=50.0, tokens=2).perplexity == math.exp(20)
    assert Loss(loss=38.0, tokens=2).perplexity == math.exp(19)


def test_overall_and_both_means_over_hosts_differ_and_have_their_own_names() -> None:
    # Host a: 1 token at P = 16; host b: 3 tokens at P = 2. Over all tokens: exp((ln 16 + 3 ln 2) / 4) = 2 ** (7 / 4).
    summary = summarise({"b": Loss(3 * math.log(2), 3), "a": Loss(math.log(16), 1)})
    assert summary["perplexity"] == pytest.approx(2 ** (7 / 4))
    assert summary["unweighted_mean_over_hosts"] == pytest.approx((16 + 2) / 2)
    assert summary["token_weighted_mean_over_hosts"] == pytest.approx((16 * 1 + 2 * 3) / 4)
    assert summary["tokens"] == 4
    assert list(summary["hosts"]) == ["a", "b"]
    assert summary["hosts"]["a"] == {"perplexity": pytest.approx(16.0), "tokens": 1}
