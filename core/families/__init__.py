"""The arithmetic of the published families of networks that share a trunk, without torch."""
