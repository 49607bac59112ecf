"""Decides per document which recipes it gets, by rules over the stored columns: a column at a time."""

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadInput
from include.recipes.recipe import Bounds
from include.rephrase.params import RephraseParams
from include.rephrase.routing_params import Genre, Rule


class Router:
    """The rules that the parameters choose; ``rephrase.recipes`` is one rule that every document meets."""

    def __init__(self, params: RephraseParams) -> None:
        """
        Raises:
            BadInput: the routing is not there.
        """
        rules = _rules(params)
        self._rules = rules
        self._genres: dict[str, Genre] = {name: params.genres[name] for rule in rules for name in rule.genres or []}
        self.recipes = list(dict.fromkeys(recipe for rule in rules for recipe in rule.recipes))
        """Ids in the order in which the rules name them first."""
        self.columns = sorted(
            {signal for genre in self._genres.values() for signal in genre}
            | ({"quality_bucket"} if any(rule.quality for rule in rules) else set())
        )
        """Of the table ``documents`` that the rules need besides text and language."""

    def decided_by(self) -> list[Any]:
        """For the plan's fingerprint."""
        genres = {
            name: {signal: dict(bounds) for signal, bounds in genre.items()} for name, genre in self._genres.items()
        }
        return [[rule.model_dump() for rule in self._rules], genres]

    def route(self, documents: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        """Which of ``recipes`` (columns) each of the documents (rows) gets.

        A document whose signal or bucket is unknown meets no condition on it.
        """
        wanted = np.zeros((documents.num_rows, len(self.recipes)), np.bool_)
        for rule in self._rules:
            meets = self._meets(rule, documents).to_numpy(zero_copy_only=False)
            for recipe in rule.recipes:
                wanted[:, self.recipes.index(recipe)] |= meets
        return wanted

    def _meets(self, rule: Rule, documents: pa.RecordBatch) -> pa.BooleanArray:
        conditions = [pa.repeat(pa.scalar(True), documents.num_rows)]
        if rule.quality is not None:
            conditions.append(pc.is_in(documents["quality_bucket"], pa.array(rule.quality, pa.string())))
        if rule.languages is not None:
            conditions.append(pc.is_in(documents["language"], pa.array(rule.languages, pa.string())))
        if rule.characters is not None:
            conditions.append(_within(pc.utf8_length(documents["text"]), rule.characters))
        if rule.genres is not None:
            conditions.append(reduce(pc.or_, (self._is_of(genre, documents) for genre in rule.genres)))
        return reduce(pc.and_, conditions)

    def _is_of(self, genre: str, documents: pa.RecordBatch) -> pa.BooleanArray:
        return reduce(pc.and_, (_within(documents[signal], bounds) for signal, bounds in self._genres[genre].items()))


def _rules(params: RephraseParams) -> list[Rule]:
    if params.recipes is not None:
        return [Rule(recipes=params.recipes)]
    if params.routing not in params.routings:
        raise BadInput(
            f"There is no routing {params.routing!r} in rephrase.routings ({', '.join(params.routings) or 'empty'}). "
            "The ready ones are in the project's params.yaml: name that file first in REWRAP_PARAMS, as in "
            "params.yaml:mine.yaml, or set rephrase.recipes."
        )
    return params.routings[params.routing].rules


def _within(values: pa.Array, bounds: Bounds) -> pa.BooleanArray:
    inside = pc.is_valid(values)
    if bounds.min is not None:
        inside = pc.and_(inside, pc.fill_null(pc.greater_equal(values, pa.scalar(bounds.min, pa.float64())), False))
    if bounds.max is not None:
        inside = pc.and_(inside, pc.fill_null(pc.less_equal(values, pa.scalar(bounds.max, pa.float64())), False))
    return inside
