"""Memory that a kernel needs while it runs: taken from the system, and given back by the kernel itself.

The parts are written in LLVM's terms, so that compiled kernels need neither Python nor numba's runtime.
"""

from __future__ import annotations

from typing import Any

from corpus_tool.kernel.declare import intrinsic


@intrinsic
def allocate(typing: Any, count: Any, dtype: Any) -> Any:
    """An array of `count` values, whatever they are, until it is released."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.np.arrayobj import populate_array

    kind = types.Array(dtype.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, pointer = ir.IntType(64), ir.IntType(8).as_pointer()
        element = context.get_data_type(kind.dtype)
        size = ir.Constant(word, context.get_abi_sizeof(element))
        malloc = cgutils.get_or_insert_function(builder.module, ir.FunctionType(pointer, [word]), "malloc")
        # One more: nothing is a size for which no memory may be given.
        data = builder.call(malloc, [builder.mul(builder.add(arguments[0], word(1)), size)])
        with builder.if_then(cgutils.is_null(builder, data), likely=False):
            context.call_conv.return_user_exc(builder, MemoryError, ())
        array = context.make_array(kind)(context, builder)
        populate_array(
            array,
            data=builder.bitcast(data, array.data.type),
            shape=[arguments[0]],
            strides=[size],
            itemsize=size,
            meminfo=None,
        )
        return array._getvalue()

    return kind(types.int64, dtype), generate


@intrinsic
def release(typing: Any, array: Any) -> Any:
    """Give an array's memory back."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        free = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [pointer]), "free"
        )
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        builder.call(free, [builder.bitcast(data, pointer)])
        return context.get_dummy_value()

    return types.none(array), generate
