"""SegScope's computing half: networks, arithmetic, pictures, metrics. Only ``core.ui`` knows Streamlit."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (before anything that an older one cannot read)
    sys.exit("SegScope needs Python 3.11 or later, and this is %d.%d." % sys.version_info[:2])  # noqa: UP031

# NumPy's products here are small, and PyTorch has threads of its own: those of OpenBLAS only wait for a core and for
# each other. On two busy cores learning from strokes took 1.0 s with them, and takes 0.02 s without. Whoever has set a
# number keeps it. OpenBLAS reads this when NumPy is imported, which nothing has done yet.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# And PyTorch's threads sleep while they wait for each other. Where they spin, as they do by themselves, a pass on two
# threads beside four trainings took 27 s on two cores, and takes 3.4 s without (U-Net’s page, opened anew).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
