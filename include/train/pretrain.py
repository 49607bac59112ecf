"""Trains one small Llama-type model from scratch. Runs in the engine's environment."""

import logging
import math
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from include.errors import BadInput
from include.params import TrainParams
from include.train.data import IGNORE, Blocks
from include.train.perplexity import Loss

if TYPE_CHECKING:
    import torch
    from transformers import LlamaForCausalLM

log = logging.getLogger("rewrap.train")

HELDOUT_POINTS = 10
LOSS_POINTS = 100
PROGRESS_SECONDS = 5.0


@dataclass
class Curves:
    """What a run logged. Points are ``[tokens seen, value]``."""

    loss: list[tuple[int, float]] = field(default_factory=list)
    """Mean training loss (nats per token) of the stretch that ends there."""
    heldout_perplexity: list[tuple[int, float]] = field(default_factory=list)
    """On the blocks that were given for the curve; the first point is the untrained model."""
    tokens: int = 0
    seconds: float = 0.0
    """Of the training steps alone."""


def build_model(params: TrainParams, vocab_size: int) -> "LlamaForCausalLM":
    """The untrained model on the GPU or CPU; equal params give equal weights. Raises BadInput on an uneven width."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if params.width % (2 * params.heads):
        raise BadInput(
            f"train.width = {params.width} cannot be shared by train.heads = {params.heads}: rotary positions need an "
            f"even number of dimensions per head. Set the width to a multiple of {2 * params.heads}."
        )
    torch.manual_seed(params.seed)
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=params.width,
        # Llama's SwiGLU: 8/3 of the width, rounded up to what matrix units like.
        intermediate_size=math.ceil(params.width * 8 / 3 / 8) * 8,
        num_hidden_layers=params.layers,
        num_attention_heads=params.heads,
        max_position_embeddings=params.context,
        # At these sizes an output matrix of its own would be most of the model.
        tie_word_embeddings=True,
        use_cache=False,
    )
    return LlamaForCausalLM(config).to("cuda" if torch.cuda.is_available() else "cpu")


def pretrain(model: "LlamaForCausalLM", blocks: Blocks, heldout: Blocks, params: TrainParams, arm: str) -> Curves:
    """Train ``model`` once over ``blocks`` in their order; measure it on ``heldout`` at about ten points.

    AdamW (0.9, 0.95), weight decay 0.1 on matrices, gradients clipped at norm 1, warm-up then cosine to zero.
    """
    import torch
    from transformers import get_cosine_schedule_with_warmup

    steps = math.ceil(len(blocks.inputs) / params.batch_size)
    optimizer = torch.optim.AdamW(_weight_groups(model), lr=params.learning_rate, betas=(0.9, 0.95), fused=True)
    schedule = get_cosine_schedule_with_warmup(optimizer, math.ceil(steps * params.warmup_share), steps)
    measure_after = _evenly(steps, HELDOUT_POINTS)
    log_after = _evenly(steps, LOSS_POINTS)
    curves = Curves()
    curves.heldout_perplexity.append((0, total(block_losses(model, heldout, params.batch_size)).perplexity))
    stretch: list[torch.Tensor] = []
    progress = _Progress(arm, steps)
    model.train()
    for step in range(1, steps + 1):
        started = time.perf_counter()
        rows = slice((step - 1) * params.batch_size, step * params.batch_size)
        batch = Blocks(blocks.inputs[rows], blocks.targets[rows])
        loss = token_losses(model, batch).sum() / batch.tokens
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        stretch.append(loss.detach())
        curves.tokens += batch.tokens
        if step in log_after:
            # Reading the loss waits for the device, so it is read here and not at every step.
            curves.loss.append((curves.tokens, float(torch.stack(stretch).mean())))
            stretch.clear()
        curves.seconds += time.perf_counter() - started
        if step in measure_after:
            perplexity = total(block_losses(model, heldout, params.batch_size)).perplexity
            curves.heldout_perplexity.append((curves.tokens, perplexity))
        progress.tell(step, curves)
    return curves


def block_losses(model: "LlamaForCausalLM", blocks: Blocks, batch_size: int) -> list[Loss]:
    """Summed loss and number of tokens of each block; leaves the model in the mode it was in."""
    import torch

    was_training = model.training
    model.eval()
    losses: list[float] = []
    with torch.inference_mode():
        for first in range(0, len(blocks.inputs), batch_size):
            rows = slice(first, first + batch_size)
            batch = Blocks(blocks.inputs[rows], blocks.targets[rows])
            losses += token_losses(model, batch).double().sum(dim=1).tolist()
    model.train(was_training)
    tokens = (blocks.targets != IGNORE).sum(axis=1).tolist()
    return [Loss(loss, count) for loss, count in zip(losses, tokens, strict=True)]


def total(losses: list[Loss]) -> Loss:
    return Loss(math.fsum(loss.loss for loss in losses), sum(loss.tokens for loss in losses))


def token_losses(model: "LlamaForCausalLM", batch: Blocks) -> "torch.Tensor":
    """Cross-entropy in nats, float32 of shape (blocks, context); 0 at padded positions."""
    import torch

    inputs, targets = (torch.from_numpy(a.astype(np.int64)).to(model.device) for a in (batch.inputs, batch.targets))
    with precision(model.device.type)[1]:
        logits = model(input_ids=inputs).logits
    losses = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORE, reduction="none"
    )
    return losses.view_as(targets)


def precision(device: str) -> tuple[str, AbstractContextManager[Any]]:
    """Name and context of the arithmetic: bf16 on a GPU that has it, else float32 (many CPUs only emulate bf16)."""
    import torch

    if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16", torch.autocast("cuda", dtype=torch.bfloat16)
    return "float32", nullcontext()


def _weight_groups(model: "LlamaForCausalLM") -> list[dict[str, Any]]:
    weights = list(model.parameters())
    return [
        {"params": [w for w in weights if w.ndim >= 2], "weight_decay": 0.1},
        {"params": [w for w in weights if w.ndim < 2], "weight_decay": 0.0},
    ]


def _evenly(steps: int, points: int) -> set[int]:
    """At most ``points`` step numbers, evenly spaced, the last step among them."""
    return {math.ceil(steps * point / points) for point in range(1, points + 1)}


class _Progress:
    """One line every few seconds, so that a person or a watchdog sees that the run lives."""

    def __init__(self, arm: str, steps: int) -> None:
        self.arm, self.steps, self.last = arm, steps, time.monotonic()

    def tell(self, step: int, curves: Curves) -> None:
        now = time.monotonic()
        if step < self.steps and now - self.last < PROGRESS_SECONDS:
            return
        self.last = now
        rate = curves.tokens / curves.seconds
        loss = f"loss {curves.loss[-1][1]:.3f}, " if curves.loss else ""
        eta = curves.seconds / step * (self.steps - step)
        log.info("arm %s: step %d of %d, %s%.0f tokens/s, ETA %.0f s", self.arm, step, self.steps, loss, rate, eta)
