"""The one door for pictures: decoding, samples, reference masks, labels."""
