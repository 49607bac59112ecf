"""Has the engine's environment measure a dump's generations; what the gate's process needs to know of it."""

from include.errors import BadInput
from include.lake import Lake, fingerprint
from include.recipes.registry import load_recipe
from include.rephrase.process import run_in_engine
from include.settings import Settings
from include.validate.gate_params import GateParams
from include.validate.outcome import table_digest
from include.validate.semantics.benchmarks import read_long_items

LAYER = "semantics"
VERSION = "2"
"""To be raised with every change of the encoder, of units or of figures."""


def semantics_key(lake: Lake, crawl: str, params: GateParams, languages: list[str]) -> str:
    """Of all that decides the table ``semantics``. Bounds do not: with others, nothing is measured anew.

    Args:
        languages: that the dump's documents may be in (ISO 639-1); empty: any.

    Raises:
        BadInput: there are no generations yet, one is of an unknown recipe, or a benchmark file is not usable.
    """
    files = [str(file) for file in lake.files("generations", crawl)]
    with lake.query() as db:
        recipes = [name for (name,) in db.read_parquet(files).select("recipe").distinct().order("recipe").fetchall()]
    contracts = {name: load_recipe(name).steps[-1].model_dump() for name in recipes}
    _, benchmarks = read_long_items(params.contamination.files)
    known = sorted(params.semantics.languages)
    return fingerprint(
        VERSION, table_digest(lake, crawl, "generations"), contracts, benchmarks, known, sorted(languages)
    )


def request_semantics(
    settings: Settings, lake: Lake, crawl: str, params: GateParams, languages: list[str], options: list[str]
) -> None:
    """Let the engine's environment write the table ``semantics``, unless it is there already.

    Args:
        options: how the parameters differ from the files in this run, for its command line.

    Raises:
        BadInput: as :func:`semantics_key`; or the environment is missing or lacks the encoder.
        EngineFailed: it ended otherwise; what it had measured is kept, and running the gate again goes on from there.
    """
    if not lake.is_current(semantics_key(lake, crawl, params, languages), LAYER, crawl):
        if not settings.engine_python.exists():
            raise BadInput(
                f"The engine's environment is not there ({settings.engine_python}), and the gate has it compare "
                "meanings. Run 'make setup', or leave these checks out: gate.semantics.enabled: false in params.yaml."
            )
        run_in_engine(settings, "engine", "embed", crawl, *options)
