"""python -m imaging PATH... --out DIR --report FILE"""

from __future__ import annotations

import sys

from imaging.cli import main

if __name__ == "__main__":
    sys.exit(main())
