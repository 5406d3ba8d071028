"""Receipts: what was decided, in the form of ISO/IEC TS 27560, to print or leave here; and what became of the copy."""
