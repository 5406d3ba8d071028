"""Stop everything: one word that ends every permission and every way out, until somebody spoke with the person."""
