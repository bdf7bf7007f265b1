"""The transposed convolution: zeros between pixels, then a convolution."""
