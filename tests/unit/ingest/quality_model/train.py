"""Makes ``quality.bin`` beside it: a tiny fastText classifier of the sample's articles against menus of their words.

The project's environment can only use such models, so this runs in one with ``fasttext-wheel`` (MIT) and PyYAML, from
the project's folder: ``python tests/unit/ingest/quality_model/train.py``.
"""

import random
import tempfile
from pathlib import Path

import fasttext
import yaml

FOLDER = Path(__file__).parent
MENU = "Home Login Sign Cart Contact Share Tweet Subscribe Next Previous Menu Search Help Newsletter Archive"


def main() -> None:
    dice, menu_words = random.Random(0), MENU.split()
    articles = [entry["text"] for entry in yaml.safe_load(Path("include/sample/articles.yaml").read_text())]
    lines = []
    for article in articles:
        for part in article.split("\n\n"):
            words = part.split()
            menu = [dice.choice(menu_words) if dice.random() < 0.5 else dice.choice(words).title() for _ in words]
            lines += [f"__label__hq {' '.join(words)}", f"__label__lq {' '.join(menu)}"]
    dice.shuffle(lines)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines))
        file.flush()
        model = fasttext.train_supervised(file.name, dim=4, epoch=40, lr=0.5, minCount=5, thread=1, seed=1)
    model.save_model(str(FOLDER / "quality.bin"))


if __name__ == "__main__":
    main()
