"""``python -m core.locale``: collect the texts of the source, update every catalogue, compile it. Needs Babel."""

from core.locale.messages import main

main()
