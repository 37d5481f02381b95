"""Draw: the figures of the book, as SVG, from its data and its program.

It draws what proof, lab and measure have found out. It never trains a model, and
never measures.
"""
