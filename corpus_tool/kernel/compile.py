"""From the Python of kernels to object code: numba's front end to LLVM's code, once; LLVM to each level of processor.

Nothing but a build, or a run without a built library, runs this, in a process of its own: numba is told to leave all
optimisation to the second step, where the whole module is at hand and the processor known. What is made needs of its
surroundings `malloc`, `free` and the like alone.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from corpus_tool.kernel.declare import INLINED, INTRINSICS, Array, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

os.environ.setdefault("NUMBA_OPT", "0")
sys.modules.setdefault("scipy", None)  # type: ignore[arg-type] # numba would load its linear algebra

import llvmlite.binding as llvm  # noqa: E402
import numba  # noqa: E402
from llvmlite import ir  # noqa: E402
from numba.core import compiler, registry, types  # noqa: E402
from numba.core.compiler_lock import global_compiler_lock  # noqa: E402
from numba.extending import intrinsic  # noqa: E402
from numba.np.arrayobj import populate_array  # noqa: E402
from numba.np.numpy_support import from_dtype  # noqa: E402

HOST = "host"
"""Stands for the processor of this machine."""
SURROUNDINGS = {"malloc", "free", "memcpy", "memmove", "memset", "memcmp", "bcmp"}
"""What compiled kernels may need: every process has it."""

PROCESSOR = """
define void @corpus_tool_cpuid(i32 %leaf, i32 %subleaf, ptr %registers) {
  %found = call {i32, i32, i32, i32} asm sideeffect "cpuid", "={ax},={bx},={cx},={dx},{ax},{cx}"(
    i32 %leaf, i32 %subleaf)
  store {i32, i32, i32, i32} %found, ptr %registers
  ret void
}

define i32 @corpus_tool_xcr0() {
  %found = call {i32, i32} asm sideeffect "xgetbv", "={ax},={dx},{cx}"(i32 0)
  %low = extractvalue {i32, i32} %found, 0
  ret i32 %low
}
"""
"""How a library asks x86-64 what it is."""

_WORD, _RESULT = ir.IntType(64), ir.IntType(32)


class FrontEnd:
    """Compiles kernels to LLVM's code, unoptimised.

    Args:
        checked: Whether kernels give up at an index that is out of bounds.
    """

    def __init__(self, *, checked: bool = False) -> None:
        self.checked = checked
        self._namespaces: dict[int, dict[str, Any]] = {}
        self._parts: dict[Callable[..., Any], Any] = {}
        self._target = registry.cpu_target

    def module(self, name: str) -> str:
        """The code of all kernels of a module, each by its symbol."""
        module = importlib.import_module(name)
        kernels = [each for each in vars(module).values() if isinstance(each, Kernel) and each.module == name]
        return str(_linked(self._kernel(each) for each in kernels))

    def _kernel(self, kernel: Kernel) -> Any:
        flags = compiler.Flags()
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        flags.boundscheck = self.checked
        made = compiler.compile_extra(
            self._target.typing_context,
            self._target.target_context,
            self._with_parts(kernel.function),
            tuple(map(_numba_type, kernel.arguments)),
            types.void,
            flags,
            locals={},
        )
        with global_compiler_lock:
            _add_entry(self._target.target_context, made.library, made.fndesc, kernel)
            made.library.finalize()
        return llvm.parse_assembly(made.library.get_llvm_str())

    def _with_parts(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, which finds compiled parts where it names them."""
        space = self._namespace(function.__globals__)
        made = FunctionType(
            function.__code__, space, function.__name__, function.__defaults__, function.__closure__
        )
        made.__qualname__, made.__module__ = function.__qualname__, function.__module__
        return made

    def _namespace(self, space: dict[str, Any]) -> dict[str, Any]:
        if id(space) not in self._namespaces:
            made = self._namespaces[id(space)] = dict(space)
            for name, value in space.items():
                if isinstance(value, FunctionType):
                    made[name] = self._part(value)
        return self._namespaces[id(space)]

    def _part(self, function: Callable[..., Any]) -> Any:
        if function not in self._parts:
            if function in INTRINSICS:
                self._parts[function] = intrinsic(function)
            elif function in INLINED:
                inlined = numba.njit(
                    forceinline=True,
                    boundscheck=self.checked,
                    no_cpython_wrapper=True,
                    no_cfunc_wrapper=True,
                    _nrt=False,
                )
                self._parts[function] = inlined(self._with_parts(function))
            else:
                self._parts[function] = function
        return self._parts[function]


def optimised(code: str, processor: str, features: str = "", suffix: str = "") -> bytes:
    """Object code for a processor; its symbols end in the suffix."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    module = llvm.parse_assembly(code)
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=processor, features=features, opt=3, reloc="pic", codemodel="small"
    )
    for function in module.functions:
        if function.is_declaration:
            continue
        if function.name.startswith("corpus_tool_"):
            function.name += suffix
        else:
            function.linkage = "internal"
    for value in module.global_variables:
        if not value.is_declaration and not value.name.startswith("llvm."):
            value.linkage = "internal"
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = True
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    _only_known(module)
    return bytes(machine.emit_object(module))


def _only_known(module: Any) -> None:
    """See to it that code needs nothing but what every process has.

    Raises:
        ValueError: It needs something of Python's, or of a library that may not be there.
    """
    needed = {
        each.name for each in module.functions if each.is_declaration and not each.name.startswith("llvm.")
    }
    if not needed <= SURROUNDINGS:
        raise ValueError(f"kernels need {', '.join(sorted(needed - SURROUNDINGS))}: nothing gives them that")


def _linked(modules: Iterable[Any]) -> Any:
    first, *more = modules
    for each in more:
        first.link_in(each)
    return first


def _numba_type(argument: Any) -> Any:
    kind = from_dtype(argument.dtype)
    if not isinstance(argument, Array):
        return kind
    return types.Array(kind, argument.dimensions, "C", readonly=not argument.written)


def _add_entry(context: Any, library: Any, description: Any, kernel: Kernel) -> None:
    """Add what C calls: it takes arrays and numbers out of words, and calls what numba made of the kernel."""
    module = library.create_ir_module(kernel.symbol)
    function = ir.Function(module, ir.FunctionType(_RESULT, [_WORD.as_pointer()]), kernel.symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    place = 0

    def word() -> Any:
        nonlocal place
        place += 1
        return builder.load(builder.gep(function.args[0], [_WORD(place - 1)]))

    values = []
    for argument, kind in zip(kernel.arguments, description.argtypes, strict=True):
        if isinstance(argument, Array):
            data, shape = word(), [word() for _ in range(argument.dimensions)]
            values.append(_array(context, builder, kind, data, shape))
        elif argument.layout == "d":
            values.append(builder.bitcast(word(), ir.DoubleType()))
        else:
            values.append(
                builder.trunc(word(), context.get_value_type(kind)) if kind is types.boolean else word()
            )
    native = context.declare_function(module, description)
    status, _ = context.call_conv.call_function(
        builder, native, description.restype, description.argtypes, values
    )
    builder.ret(builder.zext(status.is_error, _RESULT))
    library.add_ir_module(module)


def _array(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """An array as compiled code knows it."""
    array = context.make_array(kind)(context, builder)
    size = _WORD(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [size]
    for extent in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], extent))
    populate_array(
        array,
        data=builder.inttoptr(data, array.data.type),
        shape=shape,
        strides=strides,
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()


def main() -> None:
    """Write the object code of modules to a folder, a file for each of some levels (`name=processor`, by commas)."""
    _root, folder, levels, *modules = sys.argv[1:]
    front_end = FrontEnd(checked=bool(os.environ.get("CORPUS_TOOL_CHECKED_KERNELS")))
    for module in modules:
        code = PROCESSOR if module == "processor" else front_end.module(module)
        for name, _, processor in (level.partition("=") for level in levels.split(",")):
            features = ""
            if processor == HOST:
                processor, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
            suffix = f"_{name}" if name and module != "processor" else ""
            path = Path(folder, f"{module}{suffix}.o")
            path.write_bytes(optimised(code, processor, features, suffix))
