"""Who was erased: what consent kept of them goes, and what is left goes on saying no."""
