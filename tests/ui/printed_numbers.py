"""Where the numbers come from that a page shows outside of a sentence: in tables, choices, formulas and players.

A number inside a sentence is a value that the code filled in, or a word of the sentence, which
``tests/locale/written_numbers.py`` registers. What else has digits on a page is entered here, beside the test that
compares it with PyTorch, with counting, or with the record that it is read from.
"""

from __future__ import annotations

CHOICE = "choice"
"""What a visitor may set, by the buttons that set it: a number that is chosen claims nothing."""
CITED = "tests/test_facts.py"
"""Venue and year of a paper, or its figures: from ``core/facts.py``."""
ORDINAL = "ordinal"
"""Which of several: a chapter's number, an item of a list, a class's id."""

ELEMENTS: dict[str, dict[str, str]] = {
    "home": {"page_link": ORDINAL, "markdown": CITED, "caption": CITED},
    "fcn": {
        "button_group": CHOICE,
        "radio": CHOICE,
        "table": "tests/concepts/fcn/test_screen.py",
        "metric": "tests/models/test_convolutionalize.py",
        "latex": "tests/maths/test_arithmetic.py",
        "markdown": "tests/models/test_convolutionalize.py",
    },
    "deconvnet": {"button_group": CHOICE, "radio": CHOICE},
    "transposed": {"markdown": "tests/maths/test_transposed.py"},
    "sliding_window": {
        "button_group": CHOICE,
        "metric": "tests/concepts/sliding_window/test_bill.py",
        "table": "tests/models/test_layer_costs.py",
    },
    "localization": {
        "button_group": CHOICE,
        "metric": "tests/concepts/localization/test_window_sweep.py",
        "dataframe": "tests/concepts/localization/test_window_sweep.py",
    },
    "unet": {
        "button_group": CHOICE,
        "metric": "tests/concepts/unet/test_tile_steps.py",
        "dataframe": "tests/models/test_layer_costs.py",
    },
    "pspnet": {"markdown": "tests/concepts/pspnet/test_pyramid.py"},
    "deeplab": {
        "button_group": CHOICE,
        "metric": "tests/concepts/deeplab/test_atrous.py",
        "markdown": "tests/concepts/deeplab/test_atrous.py",
    },
    "compare": {
        "markdown": CITED,
        "caption": CITED,
        "dataframe": "tests/concepts/compare/test_scoreboard.py",
    },
    "training": {"button_group": CHOICE, "markdown": "tests/models/test_measured.py"},
    "why": {},
    "stress": {},
}
"""By page and kind of element."""

PLAYERS = {
    "five-tasks": "tests/concepts/home/test_tasks.py",
    "score-explorer": "tests/models/test_convolutionalize.py",
    "many-sizes": "tests/concepts/fcn/test_additions.py",
    "fold": "tests/models/test_convolutionalize.py",
    "skip-switches": "tests/concepts/fcn/test_additions.py",
    "unpool-player": "tests/concepts/deconvnet/test_unpooling.py",
    "hourglass": "tests/concepts/deconvnet/test_hourglass.py",
    "dot-meter": "tests/concepts/deconvnet/test_resolution.py",
    "loupe": "tests/passes/test_segmentation.py",
    "transposed-player": "tests/maths/test_transposed.py",
    "size-quiz": "tests/maths/test_transposed.py",
    "round-trip": "tests/maths/test_transposed.py",
    "overlap": "tests/concepts/transposed/test_checkerboard.py",
    "race": "tests/concepts/sliding_window/test_race.py",
    "redundancy": "tests/concepts/sliding_window/test_windows.py",
    "time-curves": "tests/concepts/sliding_window/test_curve.py",
    "trade-off": "tests/concepts/localization/test_window_sweep.py",
    "window-probe": "tests/concepts/localization/test_window_sweep.py",
    "box-finder": "tests/maths/test_boxes.py",
    "u-map": "tests/concepts/unet/test_skips.py",
    "tile-player": "tests/concepts/unet/test_tile_steps.py",
    "parts": "tests/concepts/pspnet/test_pyramid.py",
    "atrous-player": "tests/concepts/deeplab/test_atrous.py",
    "tap-map": "tests/concepts/deeplab/test_atrous.py",
    "reach": "tests/concepts/deeplab/test_atrous.py",
    "divider": "tests/passes/test_segmentation.py",
    "mask-grid": "tests/concepts/compare/test_work.py",
    "learning-player": "tests/passes/learning/test_run.py",
    "pixel-picker": "tests/passes/learning/test_glass.py",
    "stroke-brush": "tests/passes/learning/test_strokes.py",
    "panes": "tests/passes/attribution/test_gradients.py",
    "two-shapes": "tests/maths/test_shapes.py",
    "curves": "tests/passes/stress/test_answers.py",
}
"""By the player's name, the test of the numbers that it is sent."""

EVERYWHERE = ("picker", "file-gate", "tools", "language", "steps", "pointing", "photo-keeper")
"""What stands on every page and shows no number of a network."""

SOMETIMES = {"metric", "dataframe", "table", "latex"}
"""Kinds that may not be there yet when a page was opened, since they are measured or counted beside it."""
