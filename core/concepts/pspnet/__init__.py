"""PSPNet: a pyramid of pooled regions."""
