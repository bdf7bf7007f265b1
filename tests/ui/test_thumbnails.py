"""Thumbnails: small squares, each sample's under an address that follows its content."""

from __future__ import annotations

import base64

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.pictures import images
from core.ui import thumbnails

KEYS = [sample.key for sample in images.SAMPLES]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=[thumbnails.ROUTE]))


@pytest.mark.parametrize("key", KEYS)
def test_a_sample_is_served_as_a_small_square(client: TestClient, key: str) -> None:
    answer = client.get("/" + thumbnails.address(key))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) < 12_000
    assert images.decode(answer.content).pixels.shape == (thumbnails.SIDE, thumbnails.SIDE, 3)


@pytest.mark.parametrize("name", [KEYS[0], f"{KEYS[0]}-000000000000", "nobody-000000000000", "..%2f..%2fapp-0"])
def test_any_other_address_is_not_found(client: TestClient, name: str) -> None:
    assert client.get(f"{thumbnails.PREFIX}{name}.jpg").status_code == 404


def test_addresses_differ() -> None:
    assert len({thumbnails.address(key) for key in KEYS}) == len(KEYS)


def test_a_narrow_picture_gives_a_square() -> None:
    picture = images.sample(KEYS[0])
    assert images.decode(thumbnails.square(picture.pixels[:, :20], 40)).pixels.shape == (40, 40, 3)


def test_a_photo_of_a_visitor_has_no_address() -> None:
    photo = images.sample(KEYS[0])
    kind, _, data = thumbnails.inside(photo).partition(",")
    assert kind == "data:image/jpeg;base64"
    assert base64.b64decode(data) == thumbnails.square(photo.pixels, thumbnails.SIDE)
