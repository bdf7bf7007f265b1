"""DeepLab: atrous convolution, ASPP, the small decoder."""
