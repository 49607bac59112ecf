"""The output says what another accepted output of the dump says already: the same page twice, or a template.

Unlike the other checks it compares rows with each other: the gate measures it (:mod:`include.validate.copies`) after
them, and only of the rows that passed them. The value is the estimated Jaccard similarity to a row that stays.
"""

from include.recipes.recipe import Bounds
from include.validate.checks.check import Comparison

CHECK = Comparison("near_duplicate", Bounds(max=0.8))
