"""Benchmarks: ratios against a ceiling that is measured in the same run; never a timed test."""
