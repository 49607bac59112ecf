"""Lists of pages that stay out: what a line means, which pages it names, and where the lists come from.

rules.py     a list's lines to rules; what is no rule is refused by its line number
match.py     which of many pages the rules name
lists.py     lists in files and behind addresses, kept with their date and digest; the standing list of take-downs
apply.py     takes the text of listed pages out of the table ``pages``
"""
