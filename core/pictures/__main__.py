"""``python -m core.pictures.samples``: the reference masks of the sample pictures again, from the outlines drawn by
hand."""

from core.pictures.drawing import drawn, encoded

if __name__ == "__main__":
    for sample in drawn():
        sample.mask.write_bytes(encoded(sample))
        print(sample.mask.name)
