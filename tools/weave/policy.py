"""Policy: what a browser may load for the site, as a host can tell it in a header.

Nothing comes from elsewhere. The few scripts that stand within the pages, since they
must run before the first paint, are allowed by what they say; the styles within the
pages are KaTeX's.

    python -m tools.weave.policy [--site FOLDER]    print the Content-Security-Policy
"""

import base64
import hashlib
import re
import sys
from pathlib import Path

from tools.proof.exits import Parser
from tools.tangle import ROOT

SCRIPT = re.compile(
    r"<script(?![^>]*\b(?:src=|type=.?application/))[^>]*>(.*?)</script>", re.S
)
WASM = "'wasm-unsafe-eval'"  # the kernel, from the site's own files
RULES = {
    "default-src": "'none'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",  # Material's icons are addresses of data
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def scripts(site):
    """The different scripts that stand within the pages of a site."""
    pages = (*sorted(site.glob("*.html")), *sorted(site.glob("t/*/index.html")))
    found = {}
    for page in pages:
        found |= dict.fromkeys(SCRIPT.findall(page.read_text("utf-8")))
    return [*found]


def hashed(script):
    """How a policy names a script."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(site):
    """The policy that allows a site what it needs, and nothing else."""
    allowed = " ".join(["'self'", WASM, *map(hashed, scripts(site))])
    rules = {**RULES, "script-src": allowed}
    return "; ".join(f"{what} {where}" for what, where in rules.items())


def main(arguments=None):
    """Print the policy of a built site; returns 0, or 1 if there is no site."""
    parser = Parser("python -m tools.weave.policy")
    parser.add_argument("--site", type=Path, default=ROOT / "site", metavar="FOLDER")
    site = parser.parse_args(arguments).site
    if not (site / "index.html").is_file():
        build = "build the site first: python -m mkdocs build --strict"
        print(f"{site}/index.html:1: is not there. {build}.", file=sys.stderr)
        return 1
    print(f"Content-Security-Policy: {policy(site)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
