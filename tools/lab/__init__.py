"""Lab: experiments with the model, whose results are kept in docs/data.

It trains what the book asks about: the recorded run, variants, mistakes, optimizers.
It never times anything, and never writes into a chapter.
"""
