"""Takes pages out of all that was made of them, and proves it: one case per list and choice of dumps.

    case.py      what is asked for, how far it is, what was found: ``take_down/<id>/`` in the lake
    find.py      the pages that the rules name, and what only they have
    remove.py    their rows out of every table; tables.py says which there are
    store.py     generations that no page which stays asks for, out of the store
    quotes.py    pages of Data Docs that quote them, copies of the source's files
    recount.py   the stages' reports, so that every row is still accounted for
    rebuild.py   new versions of the releases, earlier ones withdrawn
    prove.py     looks for what is left, in every file and not only where it should have been

Finding and removing work alone on the lake (:mod:`include.locks`). Every step can be killed and run again.
"""
