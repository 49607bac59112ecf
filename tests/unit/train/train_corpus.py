"""A tiny release made of varied sentences, for the tests of training."""

import random

import pyarrow as pa

from include.lake import Lake
from include.schemas import CORPUS

WHO = [
    "the baker",
    "a young sailor",
    "her neighbour",
    "the old teacher",
    "our doctor",
    "a quiet farmer",
    "the mayor",
    "his sister",
]
DID = ["found", "repaired", "sold", "painted", "borrowed", "forgot", "carried", "described"]
WHAT = [
    "a wooden boat",
    "the green door",
    "an old map",
    "three letters",
    "a broken clock",
    "the long ladder",
    "some bread",
]
WHERE = ["near the harbour", "behind the church", "in the market", "at the station", "on the bridge", "by the river"]
WHEN = ["in the morning", "before dinner", "last winter", "on a rainy day", "after the storm", "every Sunday"]


def sentences(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [
        " ".join(rng.choice(part) for part in (WHO, DID, WHAT, WHERE, WHEN)).capitalize() + "." for _ in range(count)
    ]


def rows(
    documents: int, seed: int, *, synthetic: bool = False, prefix: str = "d", hosts: int = 3
) -> list[dict[str, object]]:
    """CORPUS rows of about 60 words each."""
    made = []
    for number in range(documents):
        text = " ".join(sentences(6, seed=seed * 10_000 + number))
        made.append(
            {
                "row_id": f"{prefix}{seed}-{number:04d}",
                "text": text,
                "origin": "synthetic" if synthetic else "real",
                "recipe": "easy" if synthetic else None,
                "doc_id": f"{prefix}{seed}-{number:04d}",
                "generation_key": f"{number:032x}" if synthetic else None,
                "teacher": "scripted" if synthetic else None,
                "crawl": "TEST-1",
                "url": f"http://host{number % hosts}.example/{number}",
                "host": f"{prefix}{number % hosts}.example",
                "copy": 0,
                "words": len(text.split()),
                "tokens": len(text.split()),
            }
        )
    return made


def write_release(lake: Lake, crawl: str, **tables: list[dict[str, object]]) -> None:
    for name, content in tables.items():
        table = pa.Table.from_pylist(content, schema=CORPUS)
        lake.write(table, layer=name, crawl=crawl, fingerprint="test")
