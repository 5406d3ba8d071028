"""A child that takes memory beyond its limit, as a reader may that was made to; it ends without a word."""

import resource
import sys

sys.stdin.buffer.read()
resource.setrlimit(resource.RLIMIT_AS, (64 * 1024 * 1024, 64 * 1024 * 1024))
held = bytearray(1024 * 1024 * 1024)
