#!/usr/bin/env python3
"""Writes optim.safetensors and schedulers.safetensors beside this file: what PyTorch's optimizers and schedulers give.

    apt-get install python3-torch && /usr/bin/python3 make_golden_optim.py
"""

import warnings

import torch
from torch import optim
from torch.optim import lr_scheduler as lr

from golden_file import save

STEPS = 10
LATE = 4  # the third parameter has no gradient before this step

warnings.filterwarnings("ignore")  # schedulers are stepped here without an optimizer's step

OPTIMIZERS = {
    "sgd": lambda p: optim.SGD(p, 0.1),
    "sgd_momentum": lambda p: optim.SGD(p, 0.1, momentum=0.9),
    "sgd_dampening": lambda p: optim.SGD(p, 0.1, momentum=0.8, dampening=0.3),
    "sgd_nesterov": lambda p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    "sgd_decay": lambda p: optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.05),
    "sgd_maximize": lambda p: optim.SGD(p, 0.1, momentum=0.9, maximize=True),
    "adam": lambda p: optim.Adam(p, 0.01),
    "adam_betas": lambda p: optim.Adam(p, 0.01, betas=(0.7, 0.95), eps=1e-3),
    "adam_decay": lambda p: optim.Adam(p, 0.01, weight_decay=0.1),
    "adam_amsgrad": lambda p: optim.Adam(p, 0.01, betas=(0.9, 0.5), amsgrad=True),
    "adam_maximize": lambda p: optim.Adam(p, 0.01, weight_decay=0.1, maximize=True),
    "adamw": lambda p: optim.AdamW(p, 0.01, weight_decay=0),
    "adamw_decay": lambda p: optim.AdamW(p, 0.01, weight_decay=0.1),
    "adamw_amsgrad": lambda p: optim.AdamW(p, 0.01, betas=(0.9, 0.5), weight_decay=0.1, amsgrad=True),
    "adamw_maximize": lambda p: optim.AdamW(p, 0.01, weight_decay=0.1, maximize=True),
    "adagrad": lambda p: optim.Adagrad(p, 0.1),
    "adagrad_decay": lambda p: optim.Adagrad(p, 0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.2, eps=1e-3),
    "rmsprop": lambda p: optim.RMSprop(p, 0.01),
    "rmsprop_momentum": lambda p: optim.RMSprop(p, 0.01, alpha=0.8, momentum=0.9),
    "rmsprop_centered": lambda p: optim.RMSprop(p, 0.01, alpha=0.8, momentum=0.5, centered=True),
    "rmsprop_decay": lambda p: optim.RMSprop(p, 0.01, eps=1e-3, weight_decay=0.1),
    "rmsprop_maximize": lambda p: optim.RMSprop(p, 0.01, maximize=True),
    "groups": lambda p: optim.Adam([{"params": p[:1], "lr": 0.1, "betas": (0.5, 0.6)}, {"params": p[1:], "weight_decay": 0.2}], 0.01),
}


def optimizers():
    """Each optimizer on the same parameters (one float32, one float64, one late) and the same gradients."""
    torch.manual_seed(1)
    start = {"a": torch.randn(3, 2), "b": torch.randn(5, dtype=torch.float64), "c": torch.randn(2, 1, 3)}
    gradients = {key: torch.randn(STEPS, *value.shape, dtype=value.dtype) for key, value in start.items()}
    result = {f"start.{key}": value for key, value in start.items()}
    result |= {f"gradient.{key}": value for key, value in gradients.items()}
    for name, make in OPTIMIZERS.items():
        parameters = {key: value.clone().requires_grad_() for key, value in start.items()}
        optimizer = make(list(parameters.values()))
        for step in range(STEPS):
            for key, parameter in parameters.items():
                parameter.grad = None if key == "c" and step < LATE else gradients[key][step].clone()
            optimizer.step()
        result |= {f"{name}.{key}": value for key, value in parameters.items()}
    save("optim.safetensors", dict(sorted(result.items())))


SCHEDULERS = {
    "step": lambda o: lr.StepLR(o, 3, gamma=0.5),
    "multi_step": lambda o: lr.MultiStepLR(o, [2, 5, 11], gamma=0.3),
    "exponential": lambda o: lr.ExponentialLR(o, 0.9),
    "polynomial": lambda o: lr.PolynomialLR(o, 8, power=2.0),
    "cosine": lambda o: lr.CosineAnnealingLR(o, 6, eta_min=0.001),
    "constant": lambda o: lr.ConstantLR(o, factor=0.25, total_iters=4),
    "linear": lambda o: lr.LinearLR(o, start_factor=0.2, end_factor=0.8, total_iters=6),
    "lambda": lambda o: lr.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "multiplicative": lambda o: lr.MultiplicativeLR(o, lambda epoch: 0.9 + 0.01 * epoch),
    "sequential": lambda o: lr.SequentialLR(o, [lr.ConstantLR(o, factor=0.1, total_iters=2), lr.ExponentialLR(o, 0.9)], [4]),
    "chained": lambda o: lr.ChainedScheduler([lr.ConstantLR(o, factor=0.1, total_iters=3), lr.ExponentialLR(o, 0.9)]),
    "cyclic": lambda o: lr.CyclicLR(o, 0.01, 0.2, step_size_up=4, step_size_down=3, cycle_momentum=False),
    "cyclic_halved": lambda o: lr.CyclicLR(o, [0.01, 0.02], [0.2, 0.3], step_size_up=3, mode="triangular2", cycle_momentum=False),
    "cyclic_scaled": lambda o: lr.CyclicLR(o, 0.01, 0.2, step_size_up=3, scale_fn=lambda x: 1 / x, scale_mode="cycle", cycle_momentum=False),
}

CLOSED_FORMS = ["step", "multi_step", "exponential", "polynomial", "cosine", "constant", "linear"]
EPOCHS = [3, 7, 5, 12, 0]


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def two_groups():
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    return optim.SGD([{"params": parameters[:1], "lr": 0.1}, {"params": parameters[1:], "lr": 0.02}], 0.1, momentum=0.9)


def sequence(optimizer, scheduler, steps, read=rates, step=lambda scheduler, _: scheduler.step()):
    rows = [read(optimizer)]
    for index in steps:
        step(scheduler, index)
        rows.append(read(optimizer))
    return torch.tensor(rows, dtype=torch.float64)


def schedulers():
    result = {}
    for name, make in SCHEDULERS.items():
        optimizer = two_groups()
        result[name] = sequence(optimizer, make(optimizer), range(16))
    for name in CLOSED_FORMS:
        optimizer = two_groups()
        result[name + ".closed"] = sequence(optimizer, SCHEDULERS[name](optimizer), EPOCHS, step=lambda s, epoch: s.step(epoch))

    measures = [1.0, 0.9, 0.95, 0.9, 0.93, 0.85, 0.86, 0.86, 0.86, 0.86, 0.86, 0.86, 0.86, 0.86, 0.2, 0.3, 0.3, 0.3]
    result["plateau.measures"] = torch.tensor(measures, dtype=torch.float64)
    plateaus = {
        "plateau": lambda o: lr.ReduceLROnPlateau(o, factor=0.5, patience=2),
        "plateau_max": lambda o: lr.ReduceLROnPlateau(o, mode="max", factor=0.5, patience=1, threshold=0.1, threshold_mode="abs"),
        "plateau_cooldown": lambda o: lr.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=2, min_lr=[0.03, 0.001]),
    }
    for name, make in plateaus.items():
        optimizer = two_groups()
        result[name] = sequence(optimizer, make(optimizer), measures, step=lambda s, measure: s.step(measure))

    with_momentum = lambda o: [o.param_groups[0]["lr"], o.param_groups[0].get("momentum", o.param_groups[0].get("betas", [0])[0])]
    cycles = {
        "one_cycle": (optim.SGD, lambda o: lr.OneCycleLR(o, 0.5, total_steps=16)),
        "one_cycle_adam": (optim.Adam, lambda o: lr.OneCycleLR(o, 0.5, epochs=4, steps_per_epoch=4, anneal_strategy="linear", pct_start=0.4)),
        "one_cycle_three": (optim.Adam, lambda o: lr.OneCycleLR(o, 0.5, total_steps=16, three_phase=True, div_factor=10.0)),
        "cyclic_momentum": (optim.SGD, lambda o: lr.CyclicLR(o, 0.01, 0.2, step_size_up=4)),
        "cyclic_range": (optim.SGD, lambda o: lr.CyclicLR(o, 0.01, 0.2, step_size_up=3, mode="exp_range", gamma=0.9)),
    }
    for name, (kind, make) in cycles.items():
        optimizer = kind([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        result[name] = sequence(optimizer, make(optimizer), range(15), read=with_momentum)

    # PyTorch 1.13 counts a cycle's phases right for any number of groups.
    optimizer = two_groups()
    result["one_cycle_groups"] = sequence(optimizer, lr.OneCycleLR(optimizer, [0.5, 0.1], total_steps=16), range(15))
    save("schedulers.safetensors", dict(sorted(result.items())))


if __name__ == "__main__":
    optimizers()
    schedulers()
