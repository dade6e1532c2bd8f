"""The lstm plugin's network against the same network in PyTorch: a training step, and generating 168 steps for one series.

    /usr/bin/python3 bench/lstm/run.py [--build build] [--threads 2] [--repeats 5] [--kernel auto]

Needs python3-torch and the target lstm_bench. Linear in, 3 blocks of 2-layer LSTM of 64 with skip connections, linear out;
batch 64 x 168; Adam. Both sides start from the same weights and see the same data; run.py checks that loss and generated values
agree. Ours and PyTorch's turns alternate; the figures are medians. The aims: a training step in at most 0.9 of PyTorch's time on
the same threads, generation at least 15 times as fast as PyTorch's eager loop.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time

import torch

STEPS, ROWS, INPUTS, HIDDEN, BLOCKS = 168, 64, 13, 64, 3


class Peer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.into = torch.nn.Linear(INPUTS, HIDDEN)
        self.blocks = torch.nn.ModuleList(torch.nn.LSTM(HIDDEN, HIDDEN, num_layers=2) for _ in range(BLOCKS))
        self.out = torch.nn.Linear(HIDDEN, 1)

    def forward(self, inputs, states=None):
        stream, after = self.into(inputs), []
        for number, block in enumerate(self.blocks):
            answer, state = block(stream, None if states is None else states[number])
            stream = answer if number == BLOCKS - 1 else stream + answer
            after.append(state)
        return self.out(stream) + inputs[..., -1:], after


def flat_weights(peer):
    """In the order of our network; its layers have one bias where PyTorch has two."""
    parts = [peer.into.weight]
    for block in peer.blocks:
        for layer in range(2):
            parts.append(torch.cat([getattr(block, f"weight_ih_l{layer}"), getattr(block, f"weight_hh_l{layer}")], dim=1))
            parts.append(getattr(block, f"bias_ih_l{layer}") + getattr(block, f"bias_hh_l{layer}"))
    parts += [peer.out.weight, peer.out.bias, peer.into.bias]
    return torch.cat([part.detach().reshape(-1) for part in parts])


def save(folder, name, tensor):
    tensor.contiguous().numpy().astype("<f4").tofile(f"{folder}/{name}.f32")


class PeerTraining:
    def __init__(self, peer, inputs, targets):
        self.peer, self.inputs, self.targets = peer, inputs, targets
        self.optimizer = torch.optim.Adam(peer.parameters(), lr=1e-3)

    def step(self):
        self.optimizer.zero_grad()
        answers, _ = self.peer(self.inputs)
        loss = torch.nn.functional.mse_loss(answers.squeeze(2), self.targets)
        loss.backward()
        self.optimizer.step()
        return loss.item()


@torch.no_grad()
def generate(peer, inputs):
    series, fed, states = inputs[:, :1, :-1], inputs[0:1, :1, -1:], None
    for step in range(STEPS):
        fed, states = peer(torch.cat([series[step : step + 1], fed], dim=2), states)
    return fed.item()


def timed(work, times):
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--kernel", default="auto")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    peer = Peer()
    inputs, targets = torch.randn(STEPS, ROWS, INPUTS) * 0.5, torch.randn(STEPS, ROWS)
    training = {"ours": [], "PyTorch": []}
    generating = {"ours": [], "PyTorch": []}
    with tempfile.TemporaryDirectory() as folder:
        save(folder, "weights", flat_weights(peer))
        save(folder, "inputs", inputs)
        save(folder, "targets", targets)
        last = generate(peer, inputs)
        peer_training = PeerTraining(peer, inputs, targets)
        loss = peer_training.step()
        for _ in range(arguments.repeats):
            command = [f"{arguments.build}/bin/lstm_bench", folder, str(arguments.threads), "3", arguments.kernel]
            ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            training["ours"].append(statistics.median(ours["training"]))
            generating["ours"].append(statistics.median(ours["generating"]))
            training["PyTorch"].append(timed(peer_training.step, 3))
            generating["PyTorch"].append(timed(lambda: generate(peer, inputs), 3))
    print(f"{sum(p.numel() for p in peer.parameters())} weights, {arguments.threads} threads, kernel {ours['kernel']}, "
          f"PyTorch {torch.__version__}")
    print(f"loss: ours {ours['loss']:.7f}, PyTorch {loss:.7f}; last value generated: ours {ours['last']:.6f}, PyTorch {last:.6f}")
    if abs(ours["loss"] - loss) > 1e-5 * loss or abs(ours["last"] - last) > 1e-4 * max(1, abs(last)):
        raise SystemExit("the two networks do not agree: the times compare nothing")
    for name, times, scale, unit in [("training step", training, 1e3, "ms"), ("168 steps generated", generating, 1e3, "ms")]:
        mine, theirs = (statistics.median(times[who]) for who in ("ours", "PyTorch"))
        print(f"{name}: ours {mine * scale:.2f} {unit}, PyTorch {theirs * scale:.2f} {unit}; "
              f"ours / PyTorch {mine / theirs:.3f}, PyTorch / ours {theirs / mine:.1f}")


if __name__ == "__main__":
    main()
