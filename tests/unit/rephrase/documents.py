"""Documents of a made-up dump."""

import pyarrow as pa

from include.lake import Lake, fingerprint
from include.schemas import DOCUMENT

CRAWL = "T-1"
STYLES = ["easy", "medium", "hard", "qa"]
SENTENCES = [
    "Bread rises because yeast turns sugar into gas.",
    "A baker in Lyon weighs 500 grams of flour for every loaf.",
    "The dough rests for two hours in a warm corner.",
    "Salt slows the yeast down and gives the crust its taste.",
    "Old ovens were heated with oak and swept clean before baking.",
]


def document(number: int, text: str) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(DOCUMENT.names)
    return row | {
        "doc_id": f"{number:032x}",
        "crawl": CRAWL,
        "url": f"https://site{number}.example/",
        "host": f"site{number}.example",
        "language": "en",
        "text": text,
        "content_hash": fingerprint(text),
        "words": len(text.split()),
    }


def write_documents(lake: Lake, texts: list[str], crawl: str = CRAWL) -> None:
    rows = [document(number, text) | {"crawl": crawl} for number, text in enumerate(texts)]
    table = pa.Table.from_pylist(rows, schema=DOCUMENT)
    lake.write(table, layer="documents", crawl=crawl, fingerprint=fingerprint(texts))
