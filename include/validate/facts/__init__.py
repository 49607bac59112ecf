"""Facts that a text states: numbers, dates, names, addresses; each read so that other forms of the same are the same.

English only, but for digits, addresses and dates in digits: what reads words says nothing about other languages
(:func:`include.validate.facts.lexicon.is_english`).
"""
