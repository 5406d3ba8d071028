"""The register of breaches: what happened, by when the ICO hears of it, and who was told safely."""
