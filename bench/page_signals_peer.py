"""CPU seconds of datatrove's personal-data formatter (e-mail and IP) and n-gram filter; run by ``bench.page_signals``.

It imports nothing of this project, because datatrove lives in an environment of its own.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
from datatrove.pipeline.formatters.pii import PIIFormatter
from datatrove.utils.text import ngrams, simplify_text

WORDS = 10


def main(given: dict[str, Any]) -> None:
    texts = given["texts"]
    formatter = PIIFormatter()
    start = time.process_time()
    for text in texts:
        formatter.format(text)
    seconds = {"email_and_ip": time.process_time() - start}
    with tempfile.TemporaryDirectory() as folder:
        step = NGramsDecontFilter(folder, NGramsDecontConfig(n_grams=WORDS))
        tokens = (step.tokenizer.word_tokenize(simplify_text(item, step.config.norm_config)) for item in given["items"])
        hashes = {step.hash_func(" ".join(gram)) for item in tokens for gram in ngrams(item, WORDS)}
        np.array(list(hashes), step.config.hash_config.np_descr).tofile(Path(folder, "items.index.hashes"))
        step.filter(Document(text="loads the index", id="0"))
        start = time.process_time()
        for text in texts:
            step.filter(Document(text=text, id="0"))
        seconds["contamination"] = time.process_time() - start
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
