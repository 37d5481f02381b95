"""Palette: the colours, the faces and the sizes that the drawings share.

Colours are the page's CSS variables, so that a drawing that stands inline in a page
follows light and dark. The colours behind the commas serve where there is no page;
they are legible on white and on black.
"""

INK = "var(--md-default-fg-color,#666)"
SOFT = "var(--md-default-fg-color--light,#777)"
FAINT = "var(--md-default-fg-color--lighter,#999)"
PAPER = "var(--md-default-bg-color,#fff)"
RED = "var(--md-accent-fg-color,#c2571a)"
BLUE = "var(--md-code-hl-keyword-color,#2f7fd6)"
GREEN = "var(--md-code-hl-string-color,#2a8a4a)"

SANS = "var(--sans,system-ui,sans-serif)"
SERIF = "var(--serif,Georgia,serif)"  # the one face with true slanted letters
MONO = "var(--mono,ui-monospace,monospace)"
SIZE, SMALL = 16, 14  # of text; WIDTH units of a drawing are a phone's full width
WIDTH = 560
