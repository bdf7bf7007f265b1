"""What SegScope costs, measured on the machine at hand: ``python -m core.bench``.

Every time is also given as a ratio to something measured in the same run, in turns with it: an empty Streamlit app, or
the bare forward pass. Ratios survive a slow or noisy machine; seconds do not.
"""
