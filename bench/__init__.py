"""Benchmarks: `make bench`. Ratios and rates measured side by side in one run; never a timed test."""
