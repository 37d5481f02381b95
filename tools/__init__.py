"""The house: tangle.py and what people type; the rooms say what they are for."""
