"""Proof: what keeps the book true.

It runs the program as it is after each chapter, and compares what it prints, counts
and learns with what the book says. It never draws, measures times, or makes pages.
"""
