"""What our training loop costs beside a bare forward and backward pass of the same model, in one run.

    .venv-engine/bin/python -m bench.train

Both train the default model on the same random tokens in the same shapes. The bare loop has no optimizer, schedule,
clipping, curves or held-out measurements. They take turns, so that a busy machine slows both; the ratio is the median
over the turns.
"""

import json
import statistics
import time
from pathlib import Path

import numpy as np

from include.lake import write_atomically
from include.params import TrainParams
from include.train.data import Blocks, cut
from include.train.pretrain import build_model, precision, pretrain

TURNS = 5
TOKENS = 32_768
RESULT = Path(__file__).with_name("results") / "train.json"


def bare_loop(params: TrainParams, blocks: Blocks) -> float:
    """Tokens per second of forward and backward alone, with the loss that transformers itself computes."""
    model = build_model(params, params.vocab_size).train()
    import torch  # after build_model, which decides how torch's threads wait

    inputs, labels = (torch.from_numpy(a.astype(np.int64)).to(model.device) for a in (blocks.inputs, blocks.targets))
    started = time.perf_counter()
    for first in range(0, len(inputs), params.batch_size):
        rows = slice(first, first + params.batch_size)
        with precision(model.device.type)[1]:
            loss = model(input_ids=inputs[rows], labels=labels[rows]).loss
        loss.backward()
        model.zero_grad()
    float(loss.detach())  # waits for the device
    return blocks.tokens / (time.perf_counter() - started)


def our_loop(params: TrainParams, blocks: Blocks) -> tuple[float, float]:
    """Tokens per second of the training steps, and of the whole run with its held-out measurements."""
    model = build_model(params, params.vocab_size)
    started = time.perf_counter()
    curves = pretrain(model, blocks, blocks.sample(TOKENS // 30), params, "bench")
    return curves.tokens / curves.seconds, curves.tokens / (time.perf_counter() - started)


def main() -> None:
    params = TrainParams()
    stream = np.random.default_rng(0).integers(1, params.vocab_size, TOKENS + 1, dtype=np.int32)
    blocks = cut(stream, params.context)
    bare_loop(params, blocks)  # warms up caches and the allocator
    turns = [(bare_loop(params, blocks), *our_loop(params, blocks)) for _ in range(TURNS)]
    bare, steps, whole = (statistics.median(column) for column in zip(*turns, strict=True))
    import torch

    result = {
        "bare_tokens_per_second": round(bare),
        "training_tokens_per_second": round(steps),
        "training_with_measurements_tokens_per_second": round(whole),
        "training_over_bare": round(statistics.median(turn[1] / turn[0] for turn in turns), 3),
        "training_with_measurements_over_bare": round(statistics.median(turn[2] / turn[0] for turn in turns), 3),
        "turns": TURNS,
        "tokens_per_turn": TOKENS,
        "params": params.model_dump(),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    write_atomically(RESULT, json.dumps(result, indent=1).encode() + b"\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
