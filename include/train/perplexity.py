"""Perplexity as WRAP reports it (arXiv 2401.16380, Eq. 3 of the appendix): pure arithmetic on summed losses."""

import math
from dataclasses import dataclass
from typing import Any

MAX_LOSS = 20.0
"""Mean loss (nats) above which perplexity is cut off; Eq. 3."""


@dataclass(frozen=True)
class Loss:
    """Summed next-token loss in nats over a number of tokens."""

    loss: float
    tokens: int

    @property
    def perplexity(self) -> float:
        """P = exp(min(20, L/T)). Raises ZeroDivisionError without tokens."""
        return math.exp(min(MAX_LOSS, self.loss / self.tokens))


def summarise(hosts: dict[str, Loss]) -> dict[str, Any]:
    """Perplexity overall and per host, with both means over hosts.

    WRAP's figures are a weighted average over domains whose weights it does not give, so both means are published under
    their own names. ``perplexity`` itself is Eq. 3 over all tokens at once, which is neither of them.
    """
    overall = Loss(math.fsum(host.loss for host in hosts.values()), sum(host.tokens for host in hosts.values()))
    return {
        "perplexity": overall.perplexity,
        "token_weighted_mean_over_hosts": math.fsum(h.perplexity * h.tokens for h in hosts.values()) / overall.tokens,
        "unweighted_mean_over_hosts": math.fsum(h.perplexity for h in hosts.values()) / len(hosts),
        "tokens": overall.tokens,
        "hosts": {name: {"perplexity": host.perplexity, "tokens": host.tokens} for name, host in sorted(hosts.items())},
    }
