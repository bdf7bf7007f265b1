"""Fully convolutional networks: weights of a fully connected layer read as a convolution."""
