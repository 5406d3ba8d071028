"""Tells once where decisions stand that were made before integrators were served."""
