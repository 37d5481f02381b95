"""Measure: how long things take, kept as tables in docs/data.

It lets programs take turns and tells ratios of one run. It never decides whether
something is right, and no test looks at its seconds.
"""
