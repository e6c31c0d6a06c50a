"""Kernels: Python functions over arrays that are compiled when the package is built.

How they are declared, compiled, linked, loaded and called, and the parts that they share:

    declare ── what a kernel is, without numba            compile ── its Python to object code, by numba and LLVM
    loading ── library, else JIT, else the reference      build   ── objects to a library, in the wheel
    bytes, memory, hashing, sorting ── parts that kernels call

Running kernels imports neither numba nor LLVM where the library is there.
"""
