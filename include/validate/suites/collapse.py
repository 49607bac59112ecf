"""Warnings where the accepted texts of a recipe, or of all together, fall into a template."""

from collections.abc import Callable, Mapping

from include.validate.collapse_params import CollapseParams
from include.validate.expected import Expected, Suite
from include.validate.figures import NONE
from include.validate.history import Comparison

Figures = Mapping[str, float]


def _beyond(params: CollapseParams) -> dict[str, Callable[[Figures], bool]]:
    """Which figures of a recipe are out of bounds, by the name of the expectation."""
    return {
        "same_openings": lambda of: of["opening_5"] - of["source_opening_5"] > params.max_opening,
        "same_phrases": lambda of: of["ngrams_top_100"] - of["source_ngrams_top_100"] > params.max_phrases,
        "little_variety": lambda of: of["distinct_4"] < params.min_variety * of["source_distinct_4"],
        "same_lengths": lambda of: of["length_variation"] < params.min_length_variation,
    }


_SHOWN = {
    "same_openings": ("opening_5", "source_opening_5"),
    "same_phrases": ("ngrams_top_100", "source_ngrams_top_100"),
    "little_variety": ("distinct_4", "source_distinct_4"),
    "same_lengths": ("length_variation", "source_length_variation"),
}


def figures(measured: Mapping[str, Figures], params: CollapseParams) -> Comparison:
    """Who is out of bounds, of the recipes that have enough texts; those that have not are named."""
    enough = {recipe: of for recipe, of in measured.items() if of["texts"] >= params.min_texts}
    few = f"no recipe has {params.min_texts} accepted texts or more"
    if not enough:
        return Comparison({}, dict.fromkeys(_SHOWN, few))
    named: dict[str, float | str] = {
        name: "; ".join(_shown(recipe, of, *_SHOWN[name]) for recipe, of in enough.items() if beyond(of)) or NONE
        for name, beyond in _beyond(params).items()
    }
    few = f"it has fewer than {params.min_texts} accepted texts"
    return Comparison(named, {f"sameness of {recipe}": few for recipe in sorted(measured.keys() - enough.keys())})


def _shown(recipe: str, of: Figures, figure: str, of_source: str) -> str:
    return f"{recipe} {of[figure]:.3f} (sources {of[of_source]:.3f})"


def expectations(params: CollapseParams) -> list[Expected]:
    suite = Suite("gate.collapse")
    advice = (
        "A model trained on them learns the template. Read ten accepted texts of the recipe: then change its prompt, "
        "raise the temperature, or take another teacher."
    )
    claims = {
        "same_openings": (f"{params.max_opening} more than sources", "max_opening", "texts begin in different ways"),
        "same_phrases": (f"{params.max_phrases} more than sources", "max_phrases", "texts do not share their phrases"),
        "little_variety": (f"{params.min_variety} of that of sources", "min_variety", "texts are as varied as sources"),
        "same_lengths": (f"{params.min_length_variation}", "min_length_variation", "texts are of different lengths"),
    }
    return [
        suite.nobody(name, bound, setting, f"{claim}, by recipe", advice, "warning")
        for name, (bound, setting, claim) in claims.items()
    ]
