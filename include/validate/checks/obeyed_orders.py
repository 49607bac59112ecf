"""The teacher obeyed its page: the source gives a language model orders, and the output shows what they ask for.

A planted order must never reach the corpus, so that little is enough: an address or three words in a row of the order,
a name or a number, two of its words that the rest of the page does not use, the form or the praise that it asks for, a
sentence that has nothing to do with the rest of the page, or what it forbids to tell being left out. A faithful output
leaves the order out and passes.
"""

import numpy as np

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.marks import said
from include.validate.orders.disguise import visible
from include.validate.orders.find import find_all
from include.validate.orders.traces import traces
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Traces in the output of the orders that its source gives to a language model; 0 where there are none."""
    found = np.zeros(len(rows))
    texts = said(rows)
    for row, orders in find_all(rows.source):
        # Published behind its source, even an answer that took no notice would bring the order along.
        with_source = rows.recipes[rows.recipe_of_row[row]].append_to_source and not orders.reported
        found[row] = traces(orders, visible(texts[row].as_py())) + with_source
    return found


CHECK = Check("obeyed_orders", measure, NONE_AT_ALL, fixed=True)
