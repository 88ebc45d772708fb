"""Runs the PyTorch peers of the benchmark cases on request; see Worker.cs for the protocol."""
import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import attention  # noqa: E402  (each of these modules holds a CASES table)
import generation  # noqa: E402
import seq2seq  # noqa: E402
import transformers  # noqa: E402
import vision  # noqa: E402

CASES = {
    **attention.CASES,
    **generation.CASES,
    **seq2seq.CASES,
    **transformers.CASES,
    **vision.CASES,
}


def status(field):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(field):
                return 1024 * int(line.split()[1])
    return 0


def reset_peak():
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")
    return status("VmRSS:")


def main():
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    name, run, peak = None, None, 0
    for line in sys.stdin:
        request = json.loads(line)
        if request["case"] not in CASES:
            print(json.dumps({"seconds": [], "peak": 0, "error": "no such case"}), flush=True)
            continue
        if request["case"] != name:
            run = None
            name = request["case"]
            run = CASES[name]()
            before = reset_peak()
            run()
            peak = status("VmHWM:") - before
        seconds = []
        for _ in range(request["count"]):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds, "peak": peak}), flush=True)


main()
