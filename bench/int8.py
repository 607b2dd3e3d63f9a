"""The exported step in 8 bits, as each library does it best. Each function returns the path of the new model."""

import sys
from collections import Counter
from pathlib import Path

import torch

import shapes


@torch.no_grad()
def weight_products(case: Path) -> int:
    """Matrix products with weights in the passes of one step."""
    reference = shapes.load_reference(case)
    calls = []
    for module in reference.modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(lambda *_: calls.append(1))
    reference.step(*shapes.fresh_batch(reference, 1))
    return len(calls)


@torch.no_grad()
def calibration_inputs(case: Path, batch: int, steps=2):
    """What the first steps of random puzzles take."""
    reference = shapes.load_reference(case)
    generator = torch.Generator().manual_seed(1)
    cells = torch.randint(reference.h.vocab_size, (batch, reference.h.seq_len), generator=generator)
    x = reference.embed(cells, torch.zeros(batch, dtype=torch.long))
    carry = reference.fresh_carry(batch)
    for _ in range(steps):
        yield {name: value.numpy() for name, value in zip((*shapes.latent_names(carry), "x"), (*carry, x), strict=True)}
        carry, _, _ = reference(carry, x)


def onnxruntime_int8(case: Path, batch: int) -> Path:
    """step-<batch>.int8.onnx: int8 weights with a scale per channel, activations quantized as they come."""
    import onnx
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    step = shapes.export_step(case, batch)
    path = step.with_suffix(".int8.onnx")
    if path.exists():
        return path
    # The exporter leaves every weight behind a Transpose, where quantize_dynamic does not see it: fold constants first.
    folded = step.with_suffix(".folded.onnx")
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    settings.optimized_model_filepath = str(folded)
    onnxruntime.InferenceSession(step, settings, providers=["CPUExecutionProvider"])
    quantize_dynamic(folded, path, weight_type=QuantType.QInt8, per_channel=True)
    nodes = Counter(node.op_type for node in onnx.load(path).graph.node)
    products = weight_products(case)
    if nodes["MatMulInteger"] + nodes["DynamicQuantizeMatMul"] < products:
        path.unlink()
        sys.exit(f"int8: ONNX Runtime quantized fewer than {products} products of {step}: {dict(nodes)}")
    return path


def openvino_int8(case: Path, batch: int) -> Path:
    """step-<batch>.int8.xml: post-training quantization by nncf, calibrated on the first steps of random puzzles."""
    import nncf
    import openvino

    step = shapes.export_step(case, batch)
    path = step.with_suffix(".int8.xml")
    if path.exists():
        return path
    examples = list(calibration_inputs(case, batch))
    model = nncf.quantize(openvino.convert_model(step), nncf.Dataset(examples), model_type=nncf.ModelType.TRANSFORMER,
                          subset_size=len(examples))  # fmt: skip
    nodes = Counter(node.get_type_name() for node in model.get_ops())
    if nodes["FakeQuantize"] < weight_products(case):
        sys.exit(f"int8: nncf quantized fewer products than {step} has: {dict(nodes)}")
    openvino.save_model(model, path)
    return path
