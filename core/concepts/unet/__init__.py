"""U-Net: two paths, skip connections, receptive fields, tiles."""
