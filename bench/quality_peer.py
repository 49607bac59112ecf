"""datatrove's verdicts on texts, for bench/quality.py: run by an interpreter that has datatrove, not by the project's.

``python bench/quality_peer.py <texts.jsonl> <verdicts.json>``: each line of the input is a JSON string. The verdicts
are lists per filter, null where a text passes and the reason where not; ``cpu_seconds`` is what each filter took.
"""

import json
import sys
import time
from pathlib import Path


def main(texts_file: Path, verdicts_file: Path) -> None:
    from datatrove.data import Document
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )

    filters = {
        "gopher_repetition": GopherRepetitionFilter(),
        "gopher_quality": GopherQualityFilter(),
        "c4": C4QualityFilter(),
        "c4_any_line_end": C4QualityFilter(filter_no_terminal_punct=False),
        "fineweb": FineWebQualityFilter(),
    }
    texts = [json.loads(line) for line in texts_file.read_text().splitlines()]
    reasons: dict[str, list[str | None]] = {name: [] for name in filters}
    seconds = dict.fromkeys(filters, 0.0)
    filters["gopher_quality"].filter(Document(text="Loads spaCy before the clock runs.", id="0"))
    for text in texts:
        # In the order of FineWeb's pipeline and text by text: datatrove then splits each text into words once.
        for name, quality_filter in filters.items():
            document = Document(text=text, id="0")  # C4's filter changes its document
            start = time.process_time()
            try:
                verdict = quality_filter.filter(document)
            except (ZeroDivisionError, IndexError) as error:
                verdict = (False, type(error).__name__)
            seconds[name] += time.process_time() - start
            reasons[name].append(None if verdict is True else verdict[1])
    verdicts_file.write_text(json.dumps({"reasons": reasons, "cpu_seconds": seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
