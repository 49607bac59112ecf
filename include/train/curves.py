"""The picture of a training: both arms' loss and held-out perplexity over tokens."""

from io import BytesIO

from include.train.pretrain import Curves

COLOURS = {"real": "#0072B2", "mix": "#D55E00"}
"""Okabe and Ito's palette: told apart by colour-blind readers too."""


def draw_curves(arms: dict[str, Curves], title: str) -> bytes:
    """A PNG with two panels; equal curves give equal bytes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    for arm, curves in arms.items():
        left.plot(*zip(*curves.loss, strict=True), color=COLOURS[arm], label=arm)
        right.plot(*zip(*curves.heldout_perplexity, strict=True), color=COLOURS[arm], label=arm, marker="o")
    left.set(xlabel="training tokens", ylabel="training loss (nats per token)")
    right.set(xlabel="training tokens", ylabel="perplexity on held-out real text", yscale="log")
    for panel in (left, right):
        panel.grid(alpha=0.3, which="both")
        panel.legend(title="trained on")
    image = BytesIO()
    # Without this the PNG names the library's version, and an upgrade alone would change the file.
    figure.savefig(image, format="png", dpi=110, metadata={"Software": None})
    return image.getvalue()
