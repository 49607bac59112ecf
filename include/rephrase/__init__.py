"""From documents to generations: segment, plan, generate exactly once, collect (WRAP, arXiv 2401.16380)."""
