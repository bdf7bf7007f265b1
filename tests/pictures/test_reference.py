"""The door for reference masks: the good come through exactly, everything else ends in one sentence."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.pictures import images
from core.pictures.labels import VOC, voc_palette
from core.pictures.reference import MaskError, bundled, decode, draw, palette_image
from tests.support.pictures import GOOD

SIZE = (48, 32)


def _picture(size: tuple[int, int] = SIZE, original: tuple[int, int] | None = None) -> images.Picture:
    return images.Picture(np.zeros((size[1], size[0], 3), np.uint8), "d" * 64, "photo", original or size)


def _ids(size: tuple[int, int] = SIZE) -> np.ndarray:
    ids = np.random.default_rng(3).integers(0, 21, (size[1], size[0]), dtype=np.uint8)
    ids[0, 0] = 255
    return ids


def _png(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def _header(width: int, height: int, bits: int = 8, colour: int = 0) -> bytes:
    """A PNG that promises a size and holds nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    empty = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + empty


GREY = _png(Image.fromarray(_ids()))


@pytest.mark.parametrize("data", [GREY, _png(palette_image(_ids()))], ids=["grey", "palette"])
def test_ids_come_through_exactly(data: bytes) -> None:
    found = decode(data, _picture())
    assert np.array_equal(found.ids, _ids())
    assert found.ids.dtype == np.uint8
    assert not found.ids.flags.writeable
    assert found.picture == "d" * 64


def test_a_palette_of_few_colours_keeps_its_positions() -> None:
    image = palette_image(_ids() % 4)
    data = _png(image, bits=2)
    assert data[24] == 2
    assert np.array_equal(decode(data, _picture()).ids, _ids() % 4)


def _compacted(ids: np.ndarray, order: list[int]) -> Image.Image:
    """VOC's mask as a drawing program saves it: only the colours that are used, in an order of its own."""
    positions = np.zeros(ids.shape, np.uint8)
    for position, label in enumerate(order):
        positions[ids == label] = position
    image = Image.fromarray(positions)
    image.putpalette(voc_palette()[order].tobytes())
    return image


@pytest.mark.parametrize("order", [[8, 0], [0, 8], [15, 0, 255, 8], list(range(20, -1, -1))])
def test_a_compacted_palette_is_read_by_its_colours(order: list[int]) -> None:
    ids = np.array(order, np.uint8)[np.random.default_rng(5).integers(0, len(order), SIZE[::-1])]
    ids[: len(order), 0] = order[: SIZE[1]]
    assert np.array_equal(decode(_png(_compacted(ids, order)), _picture()).ids, ids)


def test_a_compacted_mask_is_read_by_its_colours_where_it_is_reduced_too() -> None:
    ids = np.kron(np.random.default_rng(6).choice([0, 8], SIZE[::-1]).astype(np.uint8), np.ones((2, 2), np.uint8))
    found = decode(_png(_compacted(ids, [8, 0])), _picture(original=(2 * SIZE[0], 2 * SIZE[1])))
    assert np.array_equal(found.ids, ids[::2, ::2])


@pytest.mark.parametrize(
    "palette",
    [
        [(0, 0, 0), (255, 255, 255)],  # white is nothing of VOC's
        [(128, 0, 0), (1, 2, 3)],
        [(0, 0, 0), (0, 0, 0)],  # one colour twice cannot be told apart
        [(i, i, i) for i in range(256)],
    ],
    ids=["black and white", "half VOC", "all black", "grey"],
)
def test_colours_of_ones_own_leave_the_positions(palette: list[tuple[int, int, int]]) -> None:
    image = Image.fromarray(_ids() % 2)
    image.putpalette(np.array(palette, np.uint8).tobytes())
    assert np.array_equal(decode(_png(image), _picture()).ids, _ids() % 2)


def test_a_mask_is_written_with_its_ids_in_vocs_colours() -> None:
    ids = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = palette_image(ids)
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), ids)
    assert np.array_equal(np.asarray(image.convert("RGB")), voc_palette()[ids])


def test_vocs_palette() -> None:
    colours = voc_palette()
    assert colours.shape == (256, 3)
    expected = {0: (0, 0, 0), 1: (128, 0, 0), 8: (64, 0, 0), 12: (64, 0, 128), 15: (192, 128, 128), 20: (0, 64, 128)}
    assert {i: tuple(map(int, colours[i])) for i in expected} == expected
    assert tuple(colours[255]) == (224, 224, 192)
    assert len(np.unique(colours, axis=0)) == 256


def test_samples_have_a_reference_and_other_pictures_have_none() -> None:
    cat = images.sample("cat")
    found = bundled(cat)
    assert found is not None
    assert found.bundled
    assert found.picture == cat.digest
    assert found.ids.shape == cat.pixels.shape[:2]
    assert set(np.unique(found.ids)) == {0, VOC.index("cat"), 255}
    assert bundled(cat) is found  # decoded once
    named = images.Picture(cat.pixels, "e" * 64, "cat", cat.original_size)
    assert bundled(named) is None  # an upload that is called like a sample
    assert bundled(images.sample("cells")) is None  # its ids are not VOC's


def test_a_mask_of_the_original_photo_is_reduced_without_mixing() -> None:
    large = np.kron(_ids(), np.ones((3, 3), np.uint8))
    found = decode(_png(Image.fromarray(large)), _picture(original=(3 * SIZE[0], 3 * SIZE[1])))
    assert np.array_equal(found.ids, _ids())


def _flat(left: Any, right: Any) -> Image.Image:
    """Two halves of one value each."""
    mode = {3: "RGB", 4: "RGBA"}[len(left)] if isinstance(left, tuple) else "L"
    image = Image.new(mode, SIZE, left)
    image.paste(right, (SIZE[0] // 2, 0, *SIZE))
    return image


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.fromarray(_ids()).save(out, "JPEG")
    return out.getvalue()


def _halves(left: int, right: int) -> np.ndarray:
    return np.asarray(_flat(left, right))


IN_COLOURS: dict[str, tuple[Image.Image, np.ndarray, str]] = {
    "VOC's colours": (_flat((0, 0, 0), (64, 0, 0)), _halves(0, 8), "colours"),
    "VOC's colours, opaque": (_flat((64, 0, 128, 255), (192, 128, 128, 255)), _halves(12, 15), "colours"),
    "nothing behind a cat": (_flat((9, 9, 9, 0), (64, 0, 0, 255)), _halves(0, 8), "colours"),
    "void": (_flat((224, 224, 192), (64, 0, 0)), _halves(255, 8), "colours"),
    "greys that are ids": (_flat((0, 0, 0), (8, 8, 8)), _halves(0, 8), "values"),
    "grey with alpha": (_flat((0, 0, 0), (8, 8, 8)).convert("LA"), _halves(0, 8), "values"),
    "grey": (_flat(0, 8), _halves(0, 8), "values"),
}


@pytest.mark.parametrize("what", IN_COLOURS)
def test_a_mask_in_full_colours_is_read_by_them(what: str) -> None:
    image, ids, how = IN_COLOURS[what]
    found = decode(_png(image), _picture())
    assert np.array_equal(found.ids, ids)
    assert found.how == how


def test_an_unseen_colour_of_a_palette_is_background() -> None:
    image = Image.fromarray(_halves(0, 1))
    image.putpalette([255, 255, 255, 64, 0, 0])
    found = decode(_png(image, transparency=0), _picture())
    assert np.array_equal(found.ids, _halves(0, 8))
    assert found.how == "colours"


def test_a_mask_says_what_it_was_taken_for() -> None:
    from core.concepts.compare.screen.reference import taken_for

    ids = np.zeros(SIZE[::-1], np.uint8)
    ids[:10] = 8
    ids[31, 47] = 255
    assert taken_for(decode(_png(palette_image(ids)), _picture())) == (
        "Your mask was read by its colours, which are VOC’s: background 69 %, cat 31 %, not counted <1 %."
    )
    image = Image.fromarray(_halves(0, 1))
    image.putpalette([0, 0, 0, 255, 255, 255])
    assert "positions in its palette, whose colours are not VOC’s: background 50 %, aeroplane 50 %." in taken_for(
        decode(_png(image), _picture())
    )
    assert "grey values, as class ids" in taken_for(decode(_png(Image.fromarray(ids)), _picture()))


WRONG = {
    "empty": (b"", "empty"),
    "photo": (GOOD, "not a PNG"),
    "text": (b"class ids\n" * 9, "not a PNG"),
    "a photo's colours": (
        _png(Image.fromarray(np.random.default_rng(0).integers(0, 256, (*SIZE[::-1], 3), np.uint8))),
        "like a photo",
    ),
    "one colour for each class": (_png(_flat((255, 0, 0), (0, 255, 0))), "such as #.*0 on (50|25) %"),
    "soft edges": (_png(_flat((64, 0, 0, 255), (64, 0, 0, 90))), "half-transparent"),
    "black and white": (_png(_flat(0, 255)), "black and white, with 255 on 50 %"),
    "black and white in colours": (_png(_flat((0, 0, 0), (255, 255, 255))), "black and white, with 255 on 50 %"),
    "another format": (_jpeg(), "not a PNG but a JPEG file"),
    "16 bits": (_png(Image.fromarray(_ids().astype(np.uint16))), "16 bits"),
    "1 bit": (_png(Image.new("1", SIZE)), "fewer than 8 bits"),
    "wrong size": (_png(Image.fromarray(_ids((49, 32)))), "49 x 32"),
    "turned": (_png(Image.fromarray(_ids().T)), "32 x 48"),
    "id 21": (_png(Image.fromarray(np.full(SIZE[::-1], 21, np.uint8))), "the value 21"),
    "id 254": (_png(Image.fromarray(np.full(SIZE[::-1], 254, np.uint8))), "the value 254"),
    "all void": (_png(Image.fromarray(np.full(SIZE[::-1], 255, np.uint8))), "everywhere"),
    "truncated": (GREY[: len(GREY) // 2], "damaged"),
    "head only": (GREY[:20], "damaged"),
    "hollow": (_header(*SIZE), "damaged"),
    "bomb": (_header(60_000, 60_000), "60000 x 60000"),
    "large": (GREY + bytes(images.MAX_BYTES), "MB"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_one_sentence(what: str) -> None:
    data, words = WRONG[what]
    with pytest.raises(MaskError, match=words) as error:
        decode(data, _picture())
    assert str(error.value).count(". ") == 0
    assert str(error.value).endswith(".")


@given(st.data())
def test_mutated_files_raise_nothing_else(data: st.DataObject) -> None:
    """Bytes changed, cut out or doubled anywhere: a mask within its range, or the one exception."""
    file = bytearray(data.draw(st.sampled_from([GREY, _png(palette_image(_ids())), _png(Image.new("RGB", SIZE))])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(file) - 1))
        match data.draw(st.sampled_from(["change", "cut", "double"])):
            case "change":
                file[at] = data.draw(st.integers(0, 255))
            case "cut":
                del file[at : at + data.draw(st.integers(1, 40))]
            case _:
                file[at:at] = file[at : at + 12]
        if not file:
            break
    try:
        found = decode(bytes(file), _picture())
    except MaskError:
        return
    assert found.ids.shape == SIZE[::-1]
    assert set(np.unique(found.ids)) <= {*range(21), 255}


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_signature_raise_nothing_else(body: bytes) -> None:
    with pytest.raises(MaskError):
        decode(b"\x89PNG\r\n\x1a\n" + body, _picture())


# --------------------------------------------------------------------------------------------------- drawing


def test_shapes_cover_the_pixels_inside_them_in_order() -> None:
    shapes = [
        {"label": 8, "corners": [[4, 4], [20, 4], [20, 20], [4, 20]]},
        {"label": 12, "corners": [[10, 10], [40, 10], [40, 30], [10, 30]]},
    ]
    ids = draw(shapes, _picture()).ids
    assert ids[12, 12] == 12
    assert ids[6, 6] == 8
    assert ids[31, 1] == 0
    assert set(np.unique(ids)) == {0, 8, 12}


@given(
    st.lists(st.tuples(st.integers(0, SIZE[0]), st.integers(0, SIZE[1])), min_size=3, max_size=3, unique=True),
    st.integers(1, 20),
)
def test_a_triangle_is_that_of_a_count(corners: list[tuple[int, int]], label: int) -> None:
    """Pixels whose middle is clearly inside or clearly outside; those on an edge may fall to either side."""
    ids = draw([{"label": label, "corners": [list(c) for c in corners]}], _picture()).ids
    (ax, ay), (bx, by), (cx, cy) = corners
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            px, py = x + 0.5, y + 0.5
            sides = []
            for (ux, uy), (vx, vy) in (((ax, ay), (bx, by)), ((bx, by), (cx, cy)), ((cx, cy), (ax, ay))):
                length = max(1e-9, ((vx - ux) ** 2 + (vy - uy) ** 2) ** 0.5)
                sides.append(((vx - ux) * (py - uy) - (vy - uy) * (px - ux)) / length * (1 if area > 0 else -1))
            if area and min(sides) > 0.8:
                assert ids[y, x] == label
            far = not (
                min(ax, bx, cx) - 1.5 < px < max(ax, bx, cx) + 1.5
                and min(ay, by, cy) - 1.5 < py < max(ay, by, cy) + 1.5
            )
            if far:
                assert ids[y, x] == 0


SQUARE = [[1, 1], [9, 1], [9, 9]]
NONSENSE: list[Any] = [
    None, [], "shapes", 3, [None], [{}], [{"label": 8}], [{"label": 8, "corners": [[1, 1], [2, 2]]}],
    [{"label": 21, "corners": SQUARE}], [{"label": -1, "corners": SQUARE}], [{"label": "8", "corners": SQUARE}],
    [{"label": True, "corners": SQUARE}], [{"label": 8, "corners": "abc"}], [{"label": 8, "corners": [[1], [2], [3]]}],
    [{"label": 8, "corners": [[1, 1], [9, 1], [9, 900]]}], [{"label": 8, "corners": [[1, 1], [9, 1], [9, None]]}],
    [{"label": 8, "corners": [[1, 1], [9, 1], [float("nan"), 9]]}], [{"label": 8, "corners": SQUARE}] * 51,
    [{"label": 8, "corners": [[1, 1]] * 401}],
    [{"label": 255, "corners": [[0, 0], [SIZE[0], 0], list(SIZE), [0, SIZE[1]]]}],
]  # fmt: skip


@pytest.mark.parametrize("shapes", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_from_a_browser_is_one_sentence(shapes: Any) -> None:
    with pytest.raises(MaskError):
        draw(shapes, _picture())


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["label", "corners"]), inner),
    max_leaves=12,
)


@given(anything)
def test_anything_from_a_browser_raises_nothing_else(shapes: Any) -> None:
    try:
        found = draw(shapes, _picture())
    except MaskError:
        return
    assert set(np.unique(found.ids)) <= {*range(21), 255}


@pytest.mark.parametrize("what", WRONG)
def test_every_sentence_is_translated(what: str) -> None:
    from core.ui.language import catalogue

    with pytest.raises(MaskError) as error:
        decode(WRONG[what][0], _picture())
    assert catalogue("ko").gettext(error.value.message) != error.value.message
