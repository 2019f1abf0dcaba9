"""The optimiser that a config asks for, the number format of its forward pass, and the backbone compiled."""

import torch
from torch import nn

from pipeline.errors import AkdError
from training.config import ModelConfig
from training.model import KeypointModel

MOMENTUM = 0.9
FIRST_SCALE = 2.0**12
"""Of float16's losses. torch begins with 16 times that, at which our first gradients overflow, and steps are lost."""


def build_optimizer(model: KeypointModel, config: ModelConfig) -> torch.optim.Optimizer:
    """AdamW, or SGD with momentum; the backbone at its own rate."""
    groups = model.parameter_groups(config.lr, config.backbone_lr, config.weight_decay)
    if config.optimizer == "sgd":
        momentum = MOMENTUM if config.momentum is None else config.momentum
        return torch.optim.SGD(groups, lr=config.lr, momentum=momentum)
    return torch.optim.AdamW(groups)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """What the forward pass computes in; see `precision` of training/config.py."""
    if name != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[name]
    if device.type != "cuda":
        return torch.float32
    # older GPUs emulate bfloat16, slower than float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def build_scaler(precision: torch.dtype, device: torch.device) -> torch.amp.GradScaler:
    """Scales losses where gradients would be too small for float16; bfloat16 has the range of float32."""
    return torch.amp.GradScaler(device.type, init_scale=FIRST_SCALE, enabled=precision == torch.float16)


def compile_backbone(model: KeypointModel) -> None:
    """Have torch.compile make the backbone's code at its first use; what follows it depends on how many objects there
    are, and would be compiled anew again and again.

    Raises:
        AkdError: torch cannot compile on this machine.
    """
    _try_to_compile()
    model.get_submodule(model.backbone_prefix.rstrip(".")).compile()


def _try_to_compile() -> None:
    """On a layer that takes a second: without a compiler torch fails late, in a page of text."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.compile(nn.Linear(1, 1).to(device))(torch.zeros(1, 1, device=device))
    except (RuntimeError, ImportError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise AkdError(f"compile: torch.compile does not work on this machine: {reason}; allowed: false") from error
