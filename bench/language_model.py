"""An 8-billion-parameter language model in 4 bits on this CPU: what an answer to one ARC task costs.

The model has the shape of Llama-3-8B and random weights, which change neither time nor memory. llama.cpp reads a prompt
and then writes tokens one by one (the most likely each time, no early end). An answer is one sample.

usage: language_model.py write MODEL.gguf
       language_model.py run MODEL.gguf [--threads N] [--prompt TOKENS] [--answer TOKENS]     prints JSON
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path

import numpy as np

LAYERS, HIDDEN, INNER, HEADS, KV_HEADS, VOCABULARY, CONTEXT = 32, 4096, 14336, 32, 8, 128256, 8192
BLOCK, BLOCK_BYTES = 32, 18  # Q4_0: a half-precision scale and 32 numbers of four bits
CHUNK = 512  # tokens of the prompt at a time


def tensors():
    """(name, [rows, columns] or [values]) of each tensor, in the order of the file."""
    key_width = HIDDEN * KV_HEADS // HEADS
    yield "token_embd.weight", (VOCABULARY, HIDDEN)
    for i in range(LAYERS):
        for name, shape in [
            ("attn_norm", (HIDDEN,)), ("attn_q", (HIDDEN, HIDDEN)), ("attn_k", (key_width, HIDDEN)),
            ("attn_v", (key_width, HIDDEN)), ("attn_output", (HIDDEN, HIDDEN)), ("ffn_norm", (HIDDEN,)),
            ("ffn_gate", (INNER, HIDDEN)), ("ffn_up", (INNER, HIDDEN)), ("ffn_down", (HIDDEN, INNER)),
        ]:  # fmt: skip
            yield f"blk.{i}.{name}.weight", shape
    yield "output_norm.weight", (HIDDEN,)
    yield "output.weight", (VOCABULARY, HIDDEN)


def random_blocks(shape, generator) -> np.ndarray:
    """Random Q4_0 weights [rows, bytes] with about the variance 1 / columns."""
    rows, columns = shape
    blocks = np.frombuffer(generator.bytes(rows * columns // BLOCK * BLOCK_BYTES), np.uint8).copy()
    blocks = blocks.reshape(-1, BLOCK_BYTES)
    blocks[:, :2] = np.array([1 / (4.6 * columns**0.5)], np.float16).view(np.uint8)
    return blocks.reshape(rows, -1)


def describe(writer):
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(500000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")


def write(path: Path):
    """Streams the model to disk, a tensor in memory at a time."""
    import gguf

    q4, f32 = gguf.GGMLQuantizationType.Q4_0, gguf.GGMLQuantizationType.F32
    needed = sum(int(np.prod(shape)) for _, shape in tensors()) // BLOCK * BLOCK_BYTES
    path.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path.parent).free < 1.1 * needed:
        sys.exit(f"language_model: {path.parent} has no room for {needed / 1e9:.1f} GB")
    unfinished = path.with_suffix(".part")
    writer = gguf.GGUFWriter(unfinished, "llama")
    describe(writer)
    for name, shape in tensors():
        if len(shape) == 1:
            writer.add_tensor_info(name, shape, np.dtype(np.float32), 4 * shape[0], f32)
        else:
            row_bytes = shape[1] // BLOCK * BLOCK_BYTES
            writer.add_tensor_info(name, (shape[0], row_bytes), np.dtype(np.uint8), shape[0] * row_bytes, q4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    generator = np.random.default_rng(1)
    for _, shape in tensors():
        one = np.ones(shape, np.float32) if len(shape) == 1 else random_blocks(shape, generator)
        writer.write_tensor_data(one)
    writer.close()
    os.replace(unfinished, path)


def decode(context, tokens):
    import llama_cpp

    array = (ctypes.c_int32 * len(tokens))(*tokens)
    if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))) != 0:
        sys.exit("language_model: llama.cpp could not evaluate the tokens")


def most_likely(context) -> int:
    import llama_cpp

    return int(np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, -1), shape=(VOCABULARY,)).argmax())


def run(path: Path, threads: int, prompt: int, answer: int) -> dict:
    import llama_cpp

    begin = time.perf_counter()
    llama_cpp.llama_backend_init()
    loading = llama_cpp.llama_model_default_params()
    # Mapped, the weights would be in memory twice: as in the file and as repacked.
    loading.load_mode = llama_cpp.LLAMA_LOAD_MODE_NONE
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), loading)
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_ubatch = prompt + answer, CHUNK, CHUNK
    settings.n_threads = settings.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, settings)
    if not context:
        sys.exit(f"language_model: llama.cpp cannot load {path}")
    load_s = time.perf_counter() - begin

    tokens = np.random.default_rng(2).integers(VOCABULARY, size=prompt).tolist()
    begin = time.perf_counter()
    for start in range(0, prompt, CHUNK):
        decode(context, tokens[start : start + CHUNK])
    token = most_likely(context)
    prompt_s = time.perf_counter() - begin
    begin = time.perf_counter()
    for _ in range(answer - 1):
        decode(context, [token])
        token = most_likely(context)
    answer_s = time.perf_counter() - begin
    return {"threads": threads, "prompt_tokens": prompt, "answer_tokens": answer, "load_s": load_s, "prompt_s": prompt_s,
            "answer_s": answer_s, "tokens_per_s": (answer - 1) / answer_s, "samples_per_s": 1 / (prompt_s + answer_s),
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "model_bytes": path.stat().st_size, "llama_cpp_python": llama_cpp.__version__}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "run"])
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--prompt", type=int, default=2048, help="tokens of the prompt (default 2048)")
    parser.add_argument("--answer", type=int, default=128, help="tokens of the answer (default 128)")
    options = parser.parse_args()
    if options.what == "write":
        write(options.model)
    else:
        print(json.dumps(run(options.model, options.threads, options.prompt, options.answer)))


if __name__ == "__main__":
    main()
