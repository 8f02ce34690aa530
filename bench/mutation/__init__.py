"""The mutation check: take each guard away in turn, and see which test goes red.

python -m bench.mutation                       every guard; a line each, exit 1 when one survives
python -m bench.mutation --kind policy middleware
python -m bench.mutation --only visibility.py
python -m bench.mutation --sample 6 --seed 7
python -m bench.mutation --list                what would be taken away
python -m bench.mutation --docs                and write the table into docs/security.md
"""
