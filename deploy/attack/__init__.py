"""``make attack``: the protector and the whole gate against real counts, with the truth at hand."""
