"""The picture that is carried through every page."""

from __future__ import annotations

import gc
import sys
import tomllib
import unicodedata
import weakref
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.pictures import images
from core.pictures.images import SAMPLES
from core.ui import picker
from core.ui.language import LANGUAGES, catalogue
from tests.support.paths import ROOT
from tests.support.pictures import BAD, GOOD

KEYS = [sample.key for sample in SAMPLES]


def _strip() -> None:
    import streamlit as st

    from core.ui import picker, state

    state.begin()
    picker.begin()
    picker.draw()
    picker.say_lost()
    picture = picker.current()
    st.text(f"{picture.digest} {picker.current_sample().key if picker.current_sample() else 'upload'}")
    state.end()


@pytest.fixture
def strip() -> AppTest:
    return AppTest.from_function(_strip, default_timeout=60)


def shown(test: AppTest) -> tuple[str, str]:
    """Digest of the current picture, and the key of the sample or ``upload``."""
    assert not test.exception
    digest, key = test.text[0].value.split()
    return digest, key


def upload(test: AppTest, name: str, data: bytes) -> AppTest:
    return test.file_uploader[0].upload(name, data).run()


def test_first_picture_is_the_first_sample(strip: AppTest) -> None:
    assert shown(strip.run())[1] == KEYS[0] == picker.DEFAULT
    assert "img" not in strip.query_params


@pytest.mark.parametrize("key", KEYS)
def test_every_sample_can_be_named_in_the_url(strip: AppTest, key: str) -> None:
    strip.query_params["img"] = key
    assert shown(strip.run()) == (images.sample(key).digest, key)
    assert not strip.error


@pytest.mark.parametrize("odd", ["", "no-such", "../cat", "CAT", "upload", "고양이", "%00", "cat\n"])
def test_odd_picture_in_the_url_is_ignored(strip: AppTest, odd: str) -> None:
    strip.query_params["img"] = odd
    assert shown(strip.run())[1] == KEYS[0]


def test_upload_replaces_the_sample_and_the_url_says_that_there_is_one(strip: AppTest) -> None:
    strip.query_params["img"] = KEYS[1]
    upload(strip.run(), "dach.jpg", GOOD)
    assert shown(strip) == (images.decode(GOOD).digest, "upload")
    assert "own" in strip.query_params["img"]
    assert not strip.error
    assert strip.file_uploader[0].value is None  # the original bytes are not kept
    strip.session_state["url_page"] = "another page"
    assert shown(strip.run())[1] == "upload"


def test_own_photo_stays_among_the_choices(strip: AppTest) -> None:
    upload(strip.run(), "dach.jpg", GOOD)
    strip.query_params["img"] = KEYS[2]  # as a link with a picture in it would
    strip.session_state["url_page"] = "another page"
    assert shown(strip.run())[1] == KEYS[2]
    assert strip.session_state["picture_upload"].digest == images.decode(GOOD).digest


def test_a_file_that_was_taken_may_come_again_before_the_empty_widget_is_drawn(strip: AppTest) -> None:
    """A fragment that runs by itself calls the widget's callback and draws no widget; then the page's run calls it."""
    strip.run().session_state["picture-file"] = 1
    upload(strip, "dach.jpg", GOOD)
    assert shown(strip)[1] == KEYS[0]
    assert strip.session_state["picture-file"] == 1


def _page() -> None:
    import streamlit as st

    from core.ui import picker, state

    state.begin()
    picker.begin(st.session_state["opens_with"])
    st.text(picker.current().digest + " " + (picker.current_sample().key if picker.current_sample() else "upload"))
    st.button("choose", on_click=picker.choose, args=(picker.DEFAULT,))
    state.end()


def test_a_page_opens_with_its_own_picture_until_one_is_chosen() -> None:
    test = AppTest.from_function(_page, default_timeout=60)
    test.session_state["opens_with"] = KEYS[3]
    assert shown(test.run())[1] == KEYS[3]
    assert "img" not in test.query_params
    test.session_state["opens_with"] = KEYS[0]  # another page
    assert shown(test.run())[1] == KEYS[0]
    test.session_state["opens_with"] = KEYS[3]
    test.run()
    test.button[0].click().run()  # the usual picture, but chosen
    assert shown(test)[1] == KEYS[0]
    assert "img" in test.query_params
    test.session_state["opens_with"] = KEYS[0]
    assert shown(test.run())[1] == KEYS[0]
    assert "img" not in test.query_params, "here it is the page's own"


@pytest.mark.parametrize("odd", ["own", "upload"])
def test_own_photo_cannot_be_asked_for_in_the_url(strip: AppTest, odd: str) -> None:
    strip.query_params["img"] = odd
    assert shown(strip.run())[1] == KEYS[0]


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("photo", [False, True])
def test_bad_file_is_one_sentence_and_the_picture_stays(strip: AppTest, kind: str, photo: bool) -> None:
    strip.run()
    if photo:
        upload(strip, "photo.jpg", GOOD)
    before = shown(strip)
    upload(strip, *BAD[kind])
    assert shown(strip) == before
    assert len(strip.error) == 1
    assert strip.error[0].value.endswith(".")
    upload(strip, "photo.jpg", GOOD)
    assert not strip.error


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\u202egpj.exe", r"agpj\.exe"),
        ("\u2067사진\u2069.jpg", r"사진\.jpg"),
        (unicodedata.normalize("NFD", "고양이.heic"), r"고양이\.heic"),
        (unicodedata.normalize("NFD", "가" * 85), "가" * 60),  # 765 bytes apart, 255 composed
    ],
)
def test_names_turn_no_line_around_and_are_composed(name: str, shown: str) -> None:
    assert picker._plain(name) == shown


@pytest.mark.parametrize("name", ["a*b_c.png", "[x](http://evil.example)", "<b>", "x" * 500, "$e$", ":material/add:"])
def test_names_of_files_are_shown_as_they_are(name: str) -> None:
    plain = picker._plain(name)
    assert plain.replace("\\", "") == name[:60]
    assert not any(mark in plain.replace("\\" + mark, "") for mark in "*_[]<>$:`")


GONE = "Your photo is gone"


def gone(test: AppTest) -> bool:
    return any(GONE in line.value for line in test.markdown)


def test_a_photo_that_a_new_session_does_not_have_is_said_to_be_gone(strip: AppTest) -> None:
    """As after a reload or a restart: the address speaks of a photo, and nothing of it is left."""
    strip.query_params["img"] = "own"
    assert shown(strip.run())[1] == KEYS[0]
    assert gone(strip)
    assert "img" not in strip.query_params
    assert gone(strip.run()), "until something has been chosen"
    strip.file_uploader[-1].upload("dach.jpg", GOOD).run()
    assert shown(strip) == (images.decode(GOOD).digest, "upload")
    assert not gone(strip)
    assert "own" in strip.query_params["img"]


def test_a_photo_that_is_there_is_named_by_its_address(strip: AppTest) -> None:
    upload(strip.run(), "dach.jpg", GOOD)
    strip.query_params["img"] = KEYS[1]
    strip.session_state["url_page"] = "another page"
    assert shown(strip.run())[1] == KEYS[1]
    strip.query_params["img"] = "own"
    strip.session_state["url_page"] = "a third page"
    assert shown(strip.run())[1] == "upload"
    assert not gone(strip)


def test_a_bad_file_in_place_of_the_lost_one_is_one_sentence(strip: AppTest) -> None:
    strip.query_params["img"] = "own"
    strip.run().file_uploader[-1].upload("photo.png", b"no picture").run()
    assert gone(strip)
    assert {error.value for error in strip.error} == {"This file is not a picture: choose a JPEG, PNG or WebP file."}


def test_the_limit_is_one_number_and_said_before_choosing(strip: AppTest) -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    limit = settings["server"]["maxUploadSize"]
    assert limit * 2**20 == images.MAX_BYTES
    assert f"up to {limit} MB" in strip.run().file_uploader[0].label


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_becomes_of_a_photo_is_said_where_it_is_chosen(strip: AppTest, code: str) -> None:
    strip.session_state["language"] = code
    sentence = "It stays in the memory of this server, ends with your visit, is never stored and never seen by others."
    assert (catalogue(code).gettext(sentence) != sentence) is (code != "en")
    assert catalogue(code).gettext(sentence) in strip.run().file_uploader[0].label


def test_it_is_never_stored_and_ends_with_the_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own audit events see every file that is opened for writing; the photo dies with what held it."""
    opened: list[object] = []
    watching = [False]

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if (watching[0] and event == "open" and (arguments[1] or "r")[0] not in "r") or event == "tempfile.mkstemp":
            opened.append(arguments[0])

    sys.addaudithook(watch)
    session: dict[str, Any] = {}
    monkeypatch.setattr(picker.st, "session_state", session)
    monkeypatch.setattr(picker, "_settle", lambda key: session.update(picture_choice=key))
    watching[0] = True
    try:
        picker.accept(GOOD, "dach.jpg")
    finally:
        watching[0] = False
    assert opened == []
    photo = weakref.ref(session[picker._UPLOAD])
    assert photo() is not None
    session.clear()
    gc.collect()
    assert photo() is None


def test_others_do_not_see_it(strip: AppTest) -> None:
    upload(strip.run(), "dach.jpg", GOOD)
    other = AppTest.from_function(_strip, default_timeout=60)
    other.query_params["img"] = "own"
    assert shown(other.run())[1] == KEYS[0]
