"""Models, runs and their results."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Optional, Union, cast

import numpy as np
import numpy.typing as npt

from . import _drawing, _errors
from . import _library as c
from ._batch import Batch, address, as_tokens
from ._call import Call, Handle
from ._kind import Kind, kind_of

PathLike = Union[str, "os.PathLike[str]"]
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
# None: never. A number: the margin of the halting head. "residual" or "residual:3": once the answer stands still.
Halt = Union[None, float, str]

_NOISE_LATENTS = {None: c.NOISE_DEFAULT, "low": c.NOISE_LOW, "high": c.NOISE_HIGH, "both": c.NOISE_BOTH}


@dataclass(frozen=True, repr=False)
class Result:
    """What a run gives for a batch of B samples.

    Sizes: S cells, V token ids, T = S + the tokens of the puzzle's embedding, D channels.

    Attributes:
        tokens: [B, S] the batch that was run, as it was given.
        predictions: [B, S] int32, the token of the highest logit, the first of equal ones.
        q_halt: [B] float32, the halting head's logit after the last step: above 0 it takes the prediction for right.
        q_continue: [B] float32, its other output.
        steps: [B] int64, supervision steps taken.
        halted: [B] bool, whether `halt` ended the sample, or the stopping rule of the family fprm.
        logits: [B, S, V] float32, if asked for.
        z_high: [B, high latents, T, D] float32, if asked for and the family has them.
        z_low: [B, low latents, T, D] float32, likewise.
        task: the model's: "sudoku", "maze", "arc" or "".
    """

    tokens: npt.NDArray[Any]
    predictions: IntArray
    q_halt: FloatArray
    q_continue: FloatArray
    steps: npt.NDArray[np.int64]
    halted: npt.NDArray[np.bool_]
    logits: Optional[FloatArray]
    z_high: Optional[FloatArray]
    z_low: Optional[FloatArray]
    task: str
    _kind: Optional[Kind]

    def __len__(self) -> int:
        return len(self.predictions)

    def __repr__(self) -> str:
        samples, cells = self.predictions.shape
        if samples == 0:
            return f"<trm.Result: no samples of {cells} cells>"
        return (
            f"<trm.Result: {samples} samples of {cells} cells, {self.steps.min()} to {self.steps.max()} steps, "
            f"q_halt {self.q_halt.min():.3g} to {self.q_halt.max():.3g}>"
        )

    def _repr_html_(self) -> str:
        return _draw(self.task, self._kind, self.tokens, self.predictions)


@dataclass(frozen=True, repr=False)
class Step:
    """One sample after one supervision step.

    Attributes:
        sample: its place in the batch, from 0.
        step: from 1.
        last: no further step follows for this sample.
        halted: `halt` ended it, or the stopping rule of the family fprm.
        q_halt, q_continue: the halting head's outputs.
        tokens: [S] the sample, as it was given.
        prediction: [S] int32, the answer so far.
        logits: [S, V] float32.
        z_high: [high latents, T, D] float32, if asked for and the family has them.
        z_low: [low latents, T, D] float32, likewise.
        task: the model's.
    """

    sample: int
    step: int
    last: bool
    halted: bool
    q_halt: float
    q_continue: float
    tokens: npt.NDArray[Any]
    prediction: IntArray
    logits: FloatArray
    z_high: Optional[FloatArray]
    z_low: Optional[FloatArray]
    task: str
    _kind: Optional[Kind]

    def __repr__(self) -> str:
        return f"<trm.Step: sample {self.sample}, step {self.step}, q_halt {self.q_halt:.3g}>"

    def _repr_html_(self) -> str:
        return _draw(self.task, self._kind, self.tokens[np.newaxis], self.prediction[np.newaxis])


def _draw(task: str, kind: Optional[Kind], *tokens: npt.NDArray[Any]) -> str:
    questions, answers = (kind.grids(each).reshape(len(each), -1) if kind else each for each in tokens)
    return _drawing.pairs(task, questions, answers)


class Model:
    """A model, ready to run. Made by `trm.load` and `trm.from_state_dict`.

    It does not change: any number of threads may run it at once, and a child of fork() goes on with it. Buffers and
    threads of runs are kept from run to run.

    Attributes:
        name: the file's path, or what else the model is called in messages.
        family: "trm", "hrm", ...
        type: of the weights: "f32", "f16", "int8" or "q4_0".
        kernel_set: the instructions that it uses.
        task: by its sizes: "sudoku", "maze", "arc" or "".
        cells: S, the cells of a puzzle.
        tokens: T = S + the tokens of the puzzle's embedding.
        vocabulary: V, token ids.
        channels: D.
        max_steps: supervision steps of the reference evaluation, the default of a run.
        puzzle_ids: of the training data; 0: the model has no id table.
        puzzle_rows: rows of the id table that the file kept.
        high_latents, low_latents: z_high is [high_latents, T, D], z_low [low_latents, T, D].
        weight_bytes: of the weights in memory.
        puzzle_kind: the number of trm.h for the puzzles that it reads; 0: neither sudokus nor mazes.
        puzzle_side: cells a row of them.
        hyperparameters: every hyperparameter by its name in the training configuration, as text.
    """

    family: str
    type: str
    kernel_set: str
    task: str
    cells: int
    tokens: int
    vocabulary: int
    channels: int
    max_steps: int
    puzzle_ids: int
    puzzle_rows: int
    high_latents: int
    low_latents: int
    weight_bytes: int
    puzzle_kind: int
    puzzle_side: int

    def __init__(self, source: Union[Path, memoryview], name: str, kernel_set: Optional[str]) -> None:
        options = c.sized(c.ModelOptions, kernel_set=kernel_set.encode() if kernel_set is not None else None)
        made = ctypes.c_void_p()
        if isinstance(source, Path):
            _errors.call("model_load", os.fsencode(source), options, made)
        else:
            start = np.frombuffer(source, np.uint8)
            _errors.call("model_load_memory", address(start), len(start), name.encode(), options, made)
        self._source = source
        self._asked_kernel_set = kernel_set
        self._handle = Handle(made.value, "model_free", source)
        self._idle: dict[int, list[Handle]] = {}  # sessions, by the number of threads that they were asked for
        self.name = name
        info = c.sized(c.ModelInfo)
        _errors.call("model_get_info", self._handle, info)
        for field, kind in c.ModelInfo._fields_[1:]:  # type: ignore[misc]
            value = getattr(info, field)
            setattr(self, field, value.decode() if kind is ctypes.c_char_p else value)
        self._kind = kind_of(self.puzzle_kind, self.puzzle_side, self.cells) if self.puzzle_kind else None
        self.hyperparameters: Mapping[str, str] = MappingProxyType(self._read_hyperparameters())

    def run(
        self,
        tokens: npt.ArrayLike,
        *,
        puzzle_ids: Optional[npt.ArrayLike] = None,
        steps: Optional[int] = None,
        halt: Halt = None,
        threads: int = 0,
        logits: bool = False,
        latents: bool = False,
        noise: float = 0.0,
        noise_latent: Optional[str] = None,
        noise_keys: Optional[npt.ArrayLike] = None,
        trajectories: Optional[npt.ArrayLike] = None,
        seed: int = 0,
    ) -> Result:
        """Runs every sample from a fresh carry (arXiv 2510.04871, the loop of deep supervision).

        The results depend neither on the number of threads nor on the other samples, bit for bit. Ctrl-C stops the run.

        Args:
            tokens: [B, S] token ids in [0, V), of any integer type, read where they lie; [S] is a batch of one.
            puzzle_ids: [B] or one for all; by default 0, which models without an id table ignore.
            steps: supervision steps of a sample, at most; by default `max_steps`.
            halt: a sample ends with the first step after which the halting head says so by more than this: q_halt -
                q_continue, or q_halt alone where the model was trained so. "residual": once its answer stands still, when
                its logits changed by less than 10 on average in the last three steps; "residual:3": by less than
                3. By default it never ends so.
            threads: 0: as many as this process has CPUs.
            logits: keep them in the result.
            latents: keep z_high and z_low in the result.
            noise: standard deviation of Gaussian noise on the latents before every step (arXiv 2605.19943).
            noise_latent: "low", "high" or "both"; by default low, or high where the family has no low one.
            noise_keys, trajectories: [B] each; samples of equal seed, key and trajectory get equal noise, and start
                alike in families that start at random (EqR, FPRM). By default the key is the sample's place in the
                batch, and the trajectory 0.
            seed: of the noise and of what the family draws.

        Raises:
            trm.UsageError: an array has the wrong shape or type, an option a value that does not exist.
            trm.InputError: a token or a puzzle id that the model lacks.
            trm.WorkError: the model's numbers overflow.
        """
        array = as_tokens(tokens, self.cells)
        batch = Batch(array, puzzle_ids, noise_keys, trajectories)
        result = self._empty_result(array, logits, latents)
        call = Call()
        options = self._run_options(call, steps, halt, noise, noise_latent, seed)
        call.wait(lambda: self._use_session(threads, "run", batch.struct, options, _results_struct(result)))
        return result

    def steps(
        self,
        tokens: npt.ArrayLike,
        *,
        puzzle_ids: Optional[npt.ArrayLike] = None,
        steps: Optional[int] = None,
        halt: Halt = None,
        threads: int = 0,
        latents: bool = False,
        noise: float = 0.0,
        noise_latent: Optional[str] = None,
        noise_keys: Optional[npt.ArrayLike] = None,
        trajectories: Optional[npt.ArrayLike] = None,
        seed: int = 0,
    ) -> Iterator[Step]:
        """Runs as `run` does, and yields every sample after every step: to watch an answer form.

        The steps of one sample come in order; those of several may be mixed. The run waits while a step is looked at,
        and stops when the iterator is closed or dropped. Arguments and errors are those of `run`.
        """
        array = as_tokens(tokens, self.cells)
        batch = Batch(array, puzzle_ids, noise_keys, trajectories)
        call = Call()

        def on_step(_context: Any, place: int) -> int:
            return call.emit(lambda: self._read_step(c.Step.from_address(place), array, latents))

        callback = c.OnStep(on_step)
        options = self._run_options(call, steps, halt, noise, noise_latent, seed, on_step=callback)
        work = lambda: self._use_session(threads, "run", batch.struct, options, c.sized(c.Results))  # noqa: E731
        return cast("Iterator[Step]", call.events(work))

    def find_puzzle(self, name: str) -> Optional[int]:
        """The id of a puzzle by its name in the training data; None if the file does not know the name."""
        found: int = c.library.trm_model_find_puzzle(self._handle, name.encode())
        return None if found < 0 else found

    def has_puzzle(self, puzzle_id: int) -> bool:
        """Whether samples with this id can be run: the file may have kept only some rows of the id table."""
        return bool(c.library.trm_model_has_puzzle(self._handle, puzzle_id))

    def memory_needed(self, threads: int = 0) -> int:
        """Bytes that runs with so many threads allocate, beside `weight_bytes`."""
        needed = ctypes.c_uint64()
        _errors.call("memory_needed", self._handle, c.sized(c.SessionOptions, threads=threads), needed)
        return needed.value

    def save(self, path: PathLike) -> None:
        """Writes the model file: of a model from `from_state_dict`, or a copy of one that was loaded."""
        source = self._source
        Path(path).write_bytes(source.read_bytes() if isinstance(source, Path) else source)

    def __repr__(self) -> str:
        task = f" for {self.task}" if self.task else ""
        return (
            f"<trm.Model {self.name!r}: {self.family}{task}, {self.type}, {self.cells} cells, "
            f"{self.vocabulary} tokens, {self.channels} channels, {self.puzzle_rows} of {self.puzzle_ids} puzzle ids, "
            f"{self.weight_bytes / 1e6:.3g} MB, kernels {self.kernel_set}>"
        )

    def __reduce__(self) -> Any:  # for multiprocessing without fork
        source = self._source if isinstance(self._source, Path) else bytes(self._source)
        return _load_again, (source, self.name, self._asked_kernel_set)

    def _read_hyperparameters(self) -> dict[str, str]:
        read: dict[str, str] = {}
        name, value = ctypes.c_char_p(), ctypes.c_char_p()
        while True:
            _errors.call("model_hyperparameter", self._handle, len(read), name, value)
            if name.value is None or value.value is None:
                return read
            read[name.value.decode()] = value.value.decode()

    def _use_session(self, threads: int, function: str, *arguments: Any) -> None:
        """Calls trm_FUNCTION with a session that no other call is using."""
        idle = self._idle.setdefault(threads, [])
        try:
            session = idle.pop()
        except IndexError:
            made = ctypes.c_void_p()
            _errors.call("session_create", self._handle, c.sized(c.SessionOptions, threads=threads), made)
            session = Handle(made.value, "session_free", self._handle)
        try:
            _errors.call(function, session, *arguments)
        finally:
            if len(idle) < 2:
                idle.append(session)

    def _run_options(
        self,
        call: Call,
        steps: Optional[int],
        halt: Halt,
        noise: float,
        noise_latent: Optional[str],
        seed: int,
        **callbacks: Any,
    ) -> c.RunOptions:
        if noise_latent not in _NOISE_LATENTS:
            raise _errors.UsageError(f"noise_latent is {noise_latent!r}", remedy="use 'low', 'high' or 'both'")
        return c.sized(
            c.RunOptions,
            **steps_and_halt(steps, halt),
            noise=noise,
            noise_latent=_NOISE_LATENTS[noise_latent],
            seed=checked_seed(seed),
            **call.cancel,
            **callbacks,
        )

    def _empty_result(self, tokens: npt.NDArray[Any], logits: bool, latents: bool) -> Result:
        samples = len(tokens)

        def latent(count: int) -> Optional[FloatArray]:
            return np.zeros((samples, count, self.tokens, self.channels), np.float32) if latents and count else None

        return Result(
            tokens=tokens,
            predictions=np.zeros((samples, self.cells), np.int32),
            q_halt=np.zeros(samples, np.float32),
            q_continue=np.zeros(samples, np.float32),
            steps=np.zeros(samples, np.int64),
            halted=np.zeros(samples, np.bool_),
            logits=np.zeros((samples, self.cells, self.vocabulary), np.float32) if logits else None,
            z_high=latent(self.high_latents),
            z_low=latent(self.low_latents),
            task=self.task,
            _kind=self._kind,
        )

    def _read_step(self, step: c.Step, tokens: npt.NDArray[Any], latents: bool) -> Step:
        def copy(pointer: Any, *shape: int) -> Optional[FloatArray]:
            return np.ctypeslib.as_array(pointer, shape).copy() if pointer else None

        logits = cast(FloatArray, copy(step.logits, self.cells, self.vocabulary))
        latent = (self.tokens, self.channels)
        return Step(
            sample=step.sample,
            step=step.step,
            last=bool(step.last),
            halted=bool(step.halted),
            q_halt=step.q_halt,
            q_continue=step.q_continue,
            tokens=tokens[step.sample],
            prediction=logits.argmax(axis=1).astype(np.int32),
            logits=logits,
            z_high=copy(step.z_high, self.high_latents, *latent) if latents else None,
            z_low=copy(step.z_low, self.low_latents, *latent) if latents else None,
            task=self.task,
            _kind=self._kind,
        )


def steps_and_halt(steps: Optional[int], halt: Halt) -> dict[str, Any]:
    """Three fields that the options of runs, of puzzles and of ARC have in common."""
    if steps is not None and steps < 1:
        raise _errors.UsageError(f"steps is {steps}", remedy="give 1 or more, or None for the model's own number")
    if halt is None:
        return {"steps": steps or 0, "halt": c.HALT_NOT, "halt_margin": 0.0}
    if not isinstance(halt, str):
        return {"steps": steps or 0, "halt": c.HALT_HEAD, "halt_margin": halt}
    rule, _, residual = halt.partition(":")
    try:
        largest = float(residual) if residual else 0.0
    except ValueError:
        rule = ""
    if rule != "residual":
        raise _errors.UsageError(f"halt is {halt!r}", remedy="give a number, 'residual' or 'residual:3'")
    return {"steps": steps or 0, "halt": c.HALT_RESIDUAL, "halt_margin": largest}


def checked_seed(seed: int) -> int:
    """ctypes would take any integer, and drop its upper bits."""
    if not 0 <= seed < 2**64:
        raise _errors.UsageError(f"seed is {seed}", remedy="give 0 or more, below 2 ** 64")
    return seed


def load(source: Union[PathLike, bytes, bytearray, memoryview], *, kernel_set: Optional[str] = None) -> Model:
    """Loads a model.

    Args:
        source: the path of a model file, as `trm.convert` writes it, or its bytes. A file stays open as long as the
            model lives, and must not be changed.
        kernel_set: one of `trm.kernel_sets()`; by default the fastest.

    Raises:
        trm.FileError: the file cannot be read.
        trm.InputError: it is no model file, or damaged: weights are compared with their checksums.
        trm.UsageError: this CPU does not know the kernel set.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return Model(memoryview(source), f"{len(source)} bytes", kernel_set)
    return Model(Path(source), os.fspath(source), kernel_set)


def _load_again(source: Union[Path, bytes], name: str, kernel_set: Optional[str]) -> Model:
    return Model(source if isinstance(source, Path) else memoryview(source), name, kernel_set)


def _results_struct(result: Result) -> c.Results:
    fields = ("predictions", "q_halt", "q_continue", "steps", "halted", "logits", "z_high", "z_low")
    return c.sized(c.Results, **{field: address(getattr(result, field)) for field in fields})


def kernel_sets() -> tuple[str, ...]:
    """The kernel sets that this CPU can run, the fastest first.

    All give the same integers; their float sums differ in the last bits.
    """
    found: list[str] = []
    while True:
        name = c.library.trm_kernel_set(len(found))
        if name is None:
            return tuple(found)
        found.append(name.decode())
