"""From the tables of a release to blocks of tokens."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from include.errors import BadInput
from include.lake import Lake
from include.train.tokenizer import END

ARMS = ("real", "mix")
HELDOUT = "heldout"
IGNORE = -100
"""Target of a padded position: torch's cross-entropy leaves it out."""


@dataclass(frozen=True)
class Blocks:
    """Inputs and targets, both int32 of shape (blocks, context); the target of a position is the token after it."""

    inputs: np.ndarray
    targets: np.ndarray

    @property
    def tokens(self) -> int:
        return int((self.targets != IGNORE).sum())

    def sample(self, tokens: int) -> "Blocks":
        """About ``tokens`` tokens in evenly spaced blocks: at least one block, at most all."""
        wanted = min(max(1, tokens // self.inputs.shape[1]), len(self.inputs))
        rows = np.linspace(0, len(self.inputs) - 1, wanted).round().astype(int)
        return Blocks(self.inputs[rows], self.targets[rows])


def load(lake: Lake, crawl: str) -> dict[str, pa.Table]:
    """The two arms and the held-out text, by table name: columns doc_id, host, text.

    Raises:
        BadInput: one is unfinished or empty, or a held-out document or its text stands in an arm.
    """
    tables = {name: lake.read(name, crawl, columns=["doc_id", "host", "text"]) for name in (*ARMS, HELDOUT)}
    for name, table in tables.items():
        if table.num_rows == 0:
            raise BadInput(
                f"The {name} table of {crawl} is empty, so there is nothing to {_use(name)}. "
                "Ingest more pages (or raise mix.heldout_share for the held-out text), then run corpus and train again."
            )
    for arm in ARMS:
        for column in ("doc_id", "text"):
            shared = set(tables[HELDOUT][column].to_pylist()) & set(tables[arm][column].to_pylist())
            if shared:
                raise BadInput(
                    f"{len(shared)} held-out {column} value(s) of {crawl} also stand in the {arm} arm, such as "
                    f"{min(shared)[:80]!r}: perplexity would be measured on training text. Run corpus again; if it "
                    "stays, the input has duplicates that ingest let through."
                )
    return tables


def check_size(name: str, documents: list[np.ndarray], context: int) -> None:
    """Raise BadInput if all documents together do not fill one block."""
    tokens = sum(map(len, documents))
    if tokens < context:
        raise BadInput(
            f"The {name} text has {tokens} tokens, fewer than one block of {context} (train.context): too few to "
            f"{_use(name)}. Ingest more pages, or lower train.context."
        )


def draw(documents: list[np.ndarray], tokens: int, seed: int) -> np.ndarray:
    """A stream of exactly ``tokens`` tokens after a leading END.

    Every epoch goes through all documents in a new order, which ``seed`` and the epoch's number decide.
    """
    pieces, drawn, epoch = [np.array([END], dtype=np.int32)], 0, 0
    while drawn < tokens:
        for index in np.random.default_rng([seed, epoch]).permutation(len(documents)):
            pieces.append(documents[index])
            drawn += len(documents[index])
            if drawn >= tokens:
                break
        epoch += 1
    return np.concatenate(pieces)[: tokens + 1]


def cut(stream: np.ndarray, context: int) -> Blocks:
    """Blocks of a stream: every token but the first is a target exactly once; the last block is padded."""
    tokens = len(stream) - 1
    blocks = -(-tokens // context)
    inputs = np.full(blocks * context, END, dtype=np.int32)
    targets = np.full(blocks * context, IGNORE, dtype=np.int32)
    inputs[:tokens], targets[:tokens] = stream[:-1], stream[1:]
    return Blocks(inputs.reshape(blocks, context), targets.reshape(blocks, context))


def cut_by_host(documents: list[np.ndarray], hosts: list[str], context: int) -> tuple[Blocks, list[str]]:
    """Blocks of held-out documents that never span two hosts, and the host of each block."""
    parts, block_hosts = [], []
    for host in sorted(set(hosts)):
        own = [document for document, its in zip(documents, hosts, strict=True) if its == host]
        blocks = cut(np.concatenate([np.array([END], dtype=np.int32), *own]), context)
        parts.append(blocks)
        block_hosts += [host] * len(blocks.inputs)
    joined = Blocks(np.concatenate([p.inputs for p in parts]), np.concatenate([p.targets for p in parts]))
    return joined, block_hosts


def _use(name: str) -> str:
    return "measure perplexity on" if name == HELDOUT else "train on"
