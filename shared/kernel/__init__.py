"""Kernel: the words every other part is written in. Standard library only."""
