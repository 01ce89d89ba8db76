"""`make bench`: the measures of docs/performance.md, as ratios of one run; never part of the tests."""
