"""Finds a service's composition root by name."""

import importlib
from types import ModuleType


def wiring_of(service: str) -> ModuleType:
    """Import ``services.<service>.wiring``."""
    return importlib.import_module(f"services.{service}.wiring")
