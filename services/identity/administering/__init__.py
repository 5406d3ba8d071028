"""The pages on which administrators say who may act, for their organisation or at the centre."""
