"""Worker processes under supervision: :func:`include.ingest.workers.pool.supervised_map` is the way in.

Native parsers hang, eat all memory or crash on some pages, and no signal interrupts them: only the death of their
process does. ``pool`` decides what is done where and whom to blame, ``process`` is one worker as its parent sees it,
``child`` is what runs inside it, ``shared`` is the memory between them.

Pebble 5.2 was tried first: it takes the whole input before it gives the first result (500 MB for 3,000 pages), blames a
chunk and not an item, and knows no limit of memory.
"""
