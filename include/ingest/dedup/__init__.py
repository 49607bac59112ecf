"""Duplicates of a dump: equal texts, near-duplicates within it and in all earlier dumps, lines that a host repeats.

Each step is one function over the lake, done again only if what decides it has changed, and safe to kill::

    signatures/<crawl>/<batch>      narrow.sign_pages, written by the extract step: hashes only, no text
    exact_duplicates/<crawl>        exact.find_exact
    duplicate_pairs/<crawl>/<band>  bands.find_pairs, one task per band
    duplicate_clusters/<crawl>      clusters.build_clusters
    host_lines/<crawl>/<part>       host_lines.find_host_lines, one task per part
    documents, rejected_pages       assemble.assemble: the only step that reads texts, as a stream
    dedup_index/<crawl>             index.add_to_index; index.forget takes documents out again

Up to the assembly everything sorts and groups hashes of fixed size in DuckDB, within the lake's memory limit.
"""
