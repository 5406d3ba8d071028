"""The register of requests for survivors' information: who asked, on what power, what was judged, and what left."""
