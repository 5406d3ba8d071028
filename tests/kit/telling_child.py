"""A child that tells the names of its environment instead of reading a file."""

import json
import os
import struct
import sys

sys.stdin.buffer.read()
frame = json.dumps({"why": " ".join(sorted(os.environ)), "mend": ""}).encode()
sys.stdout.buffer.write(struct.pack(">I", len(frame)) + frame)
