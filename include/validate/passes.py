"""The passes of the gate over a dump's generations: row checks, copies among the rows that passed, then the tables.

Texts are read a row group at a time. Between the passes stand two tables of the lake, which go when the gate is done:
``gate_verdicts`` (verdicts of the row checks with the texts to be published) and ``gate_signatures``. A gate that is
killed after the first pass goes on behind it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.errors import BadInput
from include.lake import Lake
from include.recipes.registry import load_recipe
from include.schemas import CHECK, GENERATION, JUDGED, SEMANTICS, VERDICT
from include.validate.checks import near_duplicate
from include.validate.copies import SIGNED, find_copies, sign
from include.validate.gate_params import GateParams
from include.validate.judge import verdicts_of
from include.validate.rows import Rows, Values

MeasureSemantics = Callable[[Lake, str], None]
"""Writes ``semantics/<crawl>`` (SEMANTICS), a row per generation in their order. What it finds there from the same
generations and its own settings it leaves."""
LAYERS = {"verdicts": VERDICT, "accepted": JUDGED, "quarantined": JUDGED}
STEPS = {"gate_verdicts": pa.schema([*VERDICT, JUDGED.field("text")]), "gate_signatures": SIGNED}
NAME = near_duplicate.CHECK.name


def check_rows(
    lake: Lake, crawl: str, params: GateParams, languages: list[str], with_semantics: bool, fingerprint: str
) -> None:
    """Write the tables of STEPS, unless they are there.

    Raises:
        BadInput: the table of semantics is not the generations'.
    """
    if all(lake.is_current(fingerprint, layer, crawl) for layer in STEPS):
        return
    groups = lake.row_groups("generations", crawl, GENERATION.names)
    meanings = lake.row_groups("semantics", crawl, SEMANTICS.names) if with_semantics else None
    pairs = ((group, None) for group in groups) if meanings is None else in_step(groups, meanings)
    with ExitStack() as stack:
        verdicts_out, signatures_out = (
            stack.enter_context(lake.stream(schema, layer=layer, crawl=crawl, fingerprint=fingerprint))
            for layer, schema in STEPS.items()
        )
        start = 0
        for generations, semantics in pairs:
            if semantics is not None and not semantics["generation_key"].equals(generations["generation_key"]):
                raise BadInput(
                    f"The table semantics of {crawl} is not in the order of its generations: measure it again."
                )
            rows = Rows(generations, params, languages, semantics)
            verdicts = verdicts_of(generations, rows)
            verdicts_out.write(verdicts.append_column(JUDGED.field("text"), rows.published))
            accepted = verdicts["accepted"].combine_chunks()
            positions = start + np.flatnonzero(accepted.to_numpy(zero_copy_only=False))
            signatures_out.write(sign(positions, verdicts.filter(accepted), rows.text.filter(accepted)))
            start += len(rows)


def write_tables(lake: Lake, crawl: str, params: GateParams, fingerprint: str) -> None:
    """Write the tables of LAYERS from generations and STEPS. Rows keep the order of ``generations``."""
    copies = find_copies(lake, crawl, "gate_signatures", partial(_fails, params))
    positions, similarity, gone = (copies[name].to_numpy() for name in ("position", "similarity", "copy"))
    groups = lake.row_groups("generations", crawl, GENERATION.names)
    judged_rows = lake.row_groups("gate_verdicts", crawl, STEPS["gate_verdicts"].names)
    with ExitStack() as stack:
        into = {
            layer: stack.enter_context(lake.stream(schema, layer=layer, crawl=crawl, fingerprint=fingerprint))
            for layer, schema in LAYERS.items()
        }
        start = 0
        for generations, staged in in_step(groups, judged_rows):
            first, last = np.searchsorted(positions, (start, start + len(generations)))
            here = positions[first:last] - start
            verdicts = _with_copies(staged.select(VERDICT.names), here, similarity[first:last], gone[first:last])
            columns = [*generations.columns, staged["text"], verdicts["reason"]]
            judged = pa.Table.from_arrays(columns, names=JUDGED.names).cast(JUDGED)
            into["verdicts"].write(verdicts)
            into["accepted"].write(judged.filter(verdicts["accepted"]))
            into["quarantined"].write(judged.filter(pc.invert(verdicts["accepted"])))
            start += len(generations)


def remove_steps(lake: Lake, crawl: str) -> None:
    """Delete what stood between the passes."""
    for layer in STEPS:
        lake.remove(layer, crawl)


def in_step(lead: Iterable[pa.Table], follower: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The pieces of one table, each with the same rows of another one that is cut elsewhere.

    Raises:
        BadInput: one has more rows than the other.
    """
    pieces, waiting = iter(follower), None
    for piece in lead:
        while waiting is None or len(waiting) < len(piece):
            more = next(pieces, None)
            if more is None:
                raise BadInput("A table beside the generations has too few rows: run its stage again.")
            waiting = more if waiting is None else pa.concat_tables([waiting, more])
        yield piece, waiting.slice(0, len(piece))
        waiting = waiting.slice(len(piece))
    if waiting or next(pieces, None) is not None:
        raise BadInput("A table beside the generations has too many rows: run its stage again.")


def _fails(params: GateParams, recipes: pa.Array, values: Values) -> NDArray[np.bool_]:
    names = recipes.dictionary_encode()
    known = [load_recipe(name) for name in names.dictionary.to_pylist()]
    return ~near_duplicate.CHECK.passes(params, known, names.indices.to_numpy(), values)


def _with_copies(
    verdicts: pa.Table, compared: NDArray[np.int64], similarity: Values, gone: NDArray[np.bool_]
) -> pa.Table:
    """Verdicts with the check for copies behind the others of each row that passed them; 0 where nothing is alike."""
    accepted = verdicts["accepted"].combine_chunks().to_numpy(zero_copy_only=False)
    value, fails = np.zeros(len(accepted)), np.zeros(len(accepted), dtype=np.bool_)
    value[compared], fails[compared] = similarity, gone
    rows = np.flatnonzero(accepted)
    checks = verdicts["checks"].combine_chunks()
    own = pa.StructArray.from_arrays(
        [pa.array([NAME] * len(rows), pa.string()), pa.array(value[rows]), pa.array(~fails[rows])], fields=list(CHECK)
    )
    flat, offsets = checks.flatten(), checks.offsets.to_numpy()
    order = np.insert(np.arange(len(flat)), offsets[rows + 1] - offsets[0], len(flat) + np.arange(len(rows)))
    lengths = np.diff(offsets) + accepted
    whole = pa.ListArray.from_arrays(
        pa.array(np.append(0, np.cumsum(lengths)), pa.int32()), pa.concat_arrays([flat, own]).take(pa.array(order))
    )
    columns = {
        "accepted": pa.array(accepted & ~fails),
        "reason": pc.if_else(pa.array(fails), NAME, verdicts["reason"]),
        "checks": whole,
    }
    for name, column in columns.items():
        verdicts = verdicts.set_column(verdicts.schema.get_field_index(name), name, column)
    return verdicts.cast(VERDICT)
