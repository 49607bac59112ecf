"""MinHash signatures by datatrove and rensa, for :mod:`bench.dedup`: run by the peers' interpreter.

Reads a JSON list of texts from a file, prints the CPU seconds of each as JSON. 5-grams of words, 112 hashes.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

NGRAM, HASHES = 5, 112


def cpu_seconds(run: Callable[[list[str]], object], texts: list[str]) -> float:
    run(texts[:20])  # loads models
    start = time.process_time()
    run(texts)
    return time.process_time() - start


def datatrove() -> Callable[[list[str]], object]:
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step = MinhashDedupSignature("unused", MinhashConfig(n_grams=NGRAM, num_buckets=14, hashes_per_bucket=8))
    return lambda texts: [step.get_signature(step.get_shingles(text)) for text in texts]


def rensa() -> Callable[[list[str]], object]:
    from rensa import RMinHash

    def shingles(text: str) -> list[str]:
        words = text.lower().split()
        return [" ".join(words[start : start + NGRAM]) for start in range(len(words) - NGRAM + 1)]

    return lambda texts: RMinHash.digest_matrix_from_token_sets([shingles(text) for text in texts], HASHES, 42)


if __name__ == "__main__":
    corpus = json.loads(Path(sys.argv[1]).read_text())
    # datatrove takes minutes for what the others do in a second; a rate needs no more than this.
    few = corpus[:300]
    print(json.dumps({"datatrove": [cpu_seconds(datatrove(), few), len(few)],
                      "rensa": [cpu_seconds(rensa(), corpus), len(corpus)]}))  # fmt: skip
