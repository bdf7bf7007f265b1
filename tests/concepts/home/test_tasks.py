"""What can be asked of a picture: each answer against brute force over its pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.concepts.home import tasks
from core.maths.metrics import VOID
from core.pictures import images, reference
from core.pictures.labels import VOC


@pytest.fixture(scope="module")
def found() -> tasks.Answers:
    return tasks.answers()


def test_semantic_is_the_reference_mask(found: tasks.Answers) -> None:
    known = reference.bundled(images.sample(tasks.SAMPLE))
    assert known is not None
    np.testing.assert_array_equal(found.ids, known.ids)


def test_classification_names_the_classes_of_the_mask(found: tasks.Answers) -> None:
    assert set(found.labels) == set(np.unique(found.ids)) - {0, VOID}
    assert [VOC[i] for i in found.labels] == ["horse"]


def test_every_pixel_of_a_class_has_one_object_and_no_other_pixel_has(found: tasks.Answers) -> None:
    sure = found.ids != VOID
    np.testing.assert_array_equal((found.objects > 0)[sure], (found.ids > 0)[sure])
    assert (found.objects[~sure] == VOID).all()
    for number, kind in enumerate(found.kinds, start=1):
        mine = found.objects == number
        assert mine.any()
        assert set(np.unique(found.ids[mine])) == {kind}


def test_boxes_hold_their_objects_tightly(found: tasks.Answers) -> None:
    """Void rims lie inside the box and outside the mask: at most the rim of a few pixels is between them."""
    from core.maths.boxes import Box

    whole, kinds = tasks.numbered(tasks.SAMPLE)
    assert len(found.boxes) == len(kinds) == 5
    for number, box in enumerate(found.boxes, start=1):
        rows, columns = torch.nonzero(torch.from_numpy(whole == number), as_tuple=True)
        assert box == Box(*(int(v) for v in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)))


def test_panoptic_gives_back_both(found: tasks.Answers) -> None:
    both = found.panoptic()
    sure = found.ids != VOID
    np.testing.assert_array_equal(both[sure] // 256, found.ids[sure])
    np.testing.assert_array_equal(both[sure] % 256, found.objects[sure])
    assert len(np.unique(both[sure])) == 1 + len(found.kinds), "the ground is one segment"


def test_counts_are_one_one_for_each_object_or_one_for_each_pixel(found: tasks.Answers) -> None:
    height, width = found.ids.shape
    assert found.counts() == {
        "classification": 1, "detection": 5, "semantic": width * height, "instance": 5, "panoptic": width * height,
    }  # fmt: skip


def test_pieces_are_found_by_flooding(found: tasks.Answers) -> None:
    left = {(int(r), int(c)) for r, c in np.argwhere(found.ids > 0)}
    pieces = 0
    while left:
        pieces += 1
        edge = [left.pop()]
        while edge:
            row, column = edge.pop()
            for near in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if near in left:
                    left.remove(near)
                    edge.append(near)
    assert found.pieces() == pieces < len(found.kinds)


def test_a_picture_without_a_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="nuclei"):
        tasks.answers("nuclei")
