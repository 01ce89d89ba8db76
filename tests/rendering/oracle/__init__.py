"""MJML's own compiler (npm's `mjml`) as the oracle of mjml-python: both must give the same widths.

`make oracle` asks it, where node is there, and writes `widths.json`; tests compare with that file and need no node.
"""
