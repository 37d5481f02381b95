"""Live: what runs in the page, made from the book's own program.

It compiles the kernel for a browser, and writes down the run that is shown where none
can run. It never changes a chapter, and never loads anything from another host.
"""
