"""The convolution & deconvolution network: switches, unpooling, the hourglass."""
