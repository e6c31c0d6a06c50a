"""How kernels are made and loaded, and the parts that they share."""
