"""Weave: from the book's chapters to its website and its PDF.

It numbers, tags, cites, links and prints what the chapters hold. It never runs the
program, and never changes a chapter.
"""
