"""SegScope's computing half: networks, arithmetic, pictures, metrics. Only ``core.ui`` knows Streamlit."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (before anything that an older one cannot read)
    sys.exit("SegScope needs Python 3.11 or later, and this is %d.%d." % sys.version_info[:2])  # noqa: UP031
