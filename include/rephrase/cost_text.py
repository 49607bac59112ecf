"""An estimate for people: a table for a terminal, lines for a log, a few of them for the note of an Airflow run."""

from rich.box import SIMPLE_HEAD
from rich.table import Table

from include.rephrase.estimate import Estimate, RecipeCost


def render(estimate: Estimate) -> Table:
    """One row per recipe and one for all, 80 columns wide; what it stands on is in the caption.

    ``to make`` are generations: a chain of two steps takes several.
    """
    table = Table(
        box=SIMPLE_HEAD,
        padding=0,
        title=f"{estimate.crawl} with {estimate.teacher}: still to make, and what it would cost",
        caption="\n".join(_basis(estimate)),
        caption_justify="left",
        show_footer=True,
    )
    table.add_column("recipe", "all", no_wrap=True)
    columns = {
        "chains": f"{estimate.chains:,}",
        "in store": f"{estimate.in_store:,}",
        "to make": f"{estimate.generations:,}",
        "prompt tokens": short(estimate.prompt_tokens),
        "output tokens": short(estimate.tokens),
        "GPU hours": amount(estimate.gpu_hours),
        estimate.currency: amount(estimate.money),
    }
    for name, footer in columns.items():
        table.add_column(name.replace(" ", "\n"), footer, justify="right", no_wrap=True)
    table.add_column("tokens\nknown by", no_wrap=True)
    for recipe in estimate.recipes:
        table.add_row(*_cells(recipe))
    return table


def headline(estimate: Estimate) -> str:
    """The least that a person must know, in under 1,000 characters: that much fits into the note of an Airflow run."""
    return "\n".join([*_totals(estimate), *_basis(estimate)])[:1000]


def text(estimate: Estimate) -> str:
    """Totals, then a line per recipe, then what that stands on."""
    recipes = (
        f"  {recipe.recipe}: {recipe.chains:,} chains, {recipe.in_store:,} in the store; to make: "
        f"{recipe.generations:,} generations, {short(recipe.prompt_tokens)} prompt and {short(recipe.tokens)} output "
        f"tokens ({recipe.known_by})"
        for recipe in estimate.recipes
    )
    return "\n".join([*_totals(estimate), *recipes, *_basis(estimate)])


def _totals(estimate: Estimate) -> list[str]:
    return [
        f"{estimate.crawl} with {estimate.teacher}: {estimate.chains:,} chains, {estimate.in_store:,} in the store",
        f"to make: about {estimate.generations:,} generations, {short(estimate.prompt_tokens)} prompt tokens, "
        f"{short(estimate.tokens)} output tokens; GPU-hours: {amount(estimate.gpu_hours)}; "
        f"cost: {amount(estimate.money)} {estimate.currency}",
    ]


def _basis(estimate: Estimate) -> list[str]:
    """Speed, what was spent, and bounds that will be reached."""
    lines = []
    if estimate.speed is not None:
        speed = estimate.speed
        prompts = "" if speed.prompt_tokens is None else f" (with {speed.prompt_tokens:,.0f} prompt tokens/s)"
        lines.append(f"speed: {speed.tokens:,.0f} output tokens/s per GPU{prompts}, {speed.origin}")
    elif estimate.gpu_hours is None:
        lines.append("speed: unknown; generate a sample, or set rephrase.rates.tokens_per_second")
    if estimate.spent.all_tokens or estimate.spent.gpu_seconds:
        lines.append(
            f"spent on this dump so far: {short(estimate.spent.all_tokens)} tokens, "
            f"{amount(estimate.spent.gpu_hours)} GPU-hours, {amount(estimate.spent.money)} {estimate.currency}"
        )
    return lines + list(estimate.budget_lines)


def _cells(recipe: RecipeCost) -> list[str]:
    return [
        recipe.recipe,
        f"{recipe.chains:,}",
        f"{recipe.in_store:,}",
        f"{recipe.generations:,}",
        short(recipe.prompt_tokens),
        short(recipe.tokens),
        amount(recipe.gpu_hours),
        amount(recipe.money),
        recipe.known_by,
    ]


def short(tokens: int) -> str:
    """``1.23 M`` for 1,234,567."""
    for power, letter in ((12, "T"), (9, "B"), (6, "M"), (3, "k")):
        if tokens >= 10**power:
            return f"{tokens / 10**power:.3g} {letter}"
    return str(tokens)


def amount(value: float | None) -> str:
    """Hours or money, with as many places as say something."""
    if value is None:
        return "unknown"
    if 0 < value < 0.01:
        return "<0.01"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
