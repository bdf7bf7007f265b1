"""SegScope's computing half: networks, arithmetic, pictures, metrics. Only ``core.ui`` knows Streamlit."""
