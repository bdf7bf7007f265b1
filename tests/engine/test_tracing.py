"""Traces see what the network computes and leave nothing behind."""

import threading

import pytest
import torch
from torch import nn

from core.engine import inference
from core.engine.tracing import Hooks, Trace, TracingError, layers
from core.engine.turns import Turns
from core.engine.worker import Worker
from core.models.googlenet import GoogLeNet
from core.models.registry import SPECS, build
from core.passes.feature_maps import Stopwatch


class Small(nn.Module):
    def __init__(self, fail: bool = False) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
        with torch.no_grad():  # one map below zero and one above, whatever was drawn
            self.body[0].weight.abs_().mul_(torch.tensor([-1.0, 1.0]).view(2, 1, 1, 1))
            self.body[0].bias.abs_().mul_(torch.tensor([-1.0, 1.0]))
        self.head = nn.Conv2d(2, 3, 1)
        self.unused = nn.Identity()
        self.fail = fail

    def forward(self, x):
        x = self.body(x)
        if self.fail:
            raise ZeroDivisionError
        return self.head(x)


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.two = nn.LSTM(2, 2)

    def forward(self, x):
        return self.two(x)[0]


X = torch.linspace(-1, 1, 64).view(1, 1, 8, 8)


def hooks(network: nn.Module) -> int:
    return sum(
        len(module._forward_hooks) + len(module._forward_pre_hooks) + len(module._backward_hooks)
        for module in network.modules()
    )


def test_outputs_by_path_in_the_order_of_running():
    network = Small()
    with Trace(network, ["head", "body"]) as trace:
        y = network(X)
    assert list(trace) == ["body", "head"]
    assert torch.equal(trace["head"], y)
    assert torch.equal(network.head(trace["body"]), y)
    assert not trace["head"].requires_grad


def test_an_activation_in_place_does_not_change_what_was_kept():
    network = Small()
    with Trace(network, ["body.0", "body.1"]) as trace:
        network(X)
    assert trace["body.0"].min() < 0 <= trace["body.1"].min()
    with Trace(network, ["body.0"], copy=False) as shared, torch.no_grad():
        network(X)
    assert shared["body.0"].min() >= 0, "without a copy it is the very tensor that ReLU changed"


def test_no_hook_stays():
    network = Small()
    with Trace(network, ["body", ""]) as trace:
        assert hooks(network) == 2
        network(X)
    assert hooks(network) == 0
    kept = trace["body"].clone()
    network(X + 1)
    assert torch.equal(trace["body"], kept), "a later pass is not watched"


def test_no_hook_stays_when_the_pass_raises():
    network = Small(fail=True)
    with pytest.raises(ZeroDivisionError), Trace(network, ["body"]) as trace:
        network(X)
    assert hooks(network) == 0
    assert "body" in trace, "what ran before the error is there"


def test_no_hook_stays_when_a_layer_cannot_be_traced():
    network = Pair()
    with pytest.raises(TracingError, match="tuple"), Trace(network, ["two"]):
        network(torch.zeros(1, 1, 2))
    assert hooks(network) == 0


def test_no_hook_stays_when_registering_fails(monkeypatch):
    network = Small()

    def refuse(hook):
        raise MemoryError

    monkeypatch.setattr(network.head, "register_forward_hook", refuse)
    with pytest.raises(MemoryError), Trace(network, ["body", "head"]):
        pass
    assert hooks(network) == 0


def test_entering_twice_is_refused_and_a_second_pass_starts_anew():
    network = Small()
    trace = Trace(network, ["body"])
    with trace:
        with pytest.raises(TracingError), trace:
            pass
        network(X)
    assert hooks(network) == 0
    with trace:
        assert len(trace) == 0
    assert "body" not in trace


def test_unknown_paths_are_named_with_near_ones():
    with pytest.raises(TracingError, match=r"'boddy'.*body"):
        Trace(Small(), ["boddy"])


def test_a_layer_that_did_not_run_is_missing():
    network = Small()
    with Trace(network, ["unused"]) as trace:
        network(X)
    assert "unused" not in trace
    assert trace.get("unused") is None
    with pytest.raises(TracingError, match="did not run"):
        trace["unused"]


def test_layers_by_kind():
    assert layers(Small(), nn.Conv2d) == ["body.0", "head"]
    assert layers(Small()) == ["body.0", "body.1", "head", "unused"]


def test_paths_inside_a_real_network():
    network = GoogLeNet(divisor=2).eval()
    with Trace(network, ["features.inception_3a", "features.inception_5b"]) as trace, torch.inference_mode():
        network(torch.zeros(1, 3, 224, 224))
    assert trace["features.inception_3a"].shape == (1, 128, 28, 28)
    assert trace["features.inception_5b"].shape == (1, 512, 7, 7)


# ------------------------------------------------------------------------------------------------- several visitors


@pytest.mark.usefixtures("torch_loaded")
def test_two_visitors_at_once_never_see_each_others_numbers(monkeypatch):
    """Two permits, two threads, two inputs, one network: traced, timed, changed on the way, and simply run."""
    monkeypatch.setattr(inference, "_turns", Turns(2, 10))
    network = nn.Sequential(nn.Identity(), nn.Identity()).eval()
    wrong, together = [], threading.Barrier(2)

    def traced(value):
        with Trace(network, ["0", ""]) as trace, Stopwatch(network, ["0", "1"]):
            y = network(torch.full((1,), value))
        return [y, trace["0"], trace[""]]

    def silenced(value):
        with Hooks() as hooks:
            hooks.after(network[0], lambda _module, _inputs, output: output + 100)
            return [network(torch.full((1,), value)) - 100]

    def bare(value):
        return [network(torch.full((1,), value))]

    def visit(value, ways):
        together.wait(60)
        try:
            for i in range(3000):
                found = inference.run(ways[i % len(ways)], value).value
                wrong.extend(float(one) for one in found if float(one) != value)
        except BaseException as error:
            wrong.append(error)

    for ways in ([[traced], [traced]], [[traced, silenced, bare], [bare, traced, silenced]]):
        visits = [threading.Thread(target=visit, args=arguments) for arguments in zip((1.0, 42.0), ways, strict=True)]
        for thread in visits:
            thread.start()
        for thread in visits:
            thread.join(300)
        assert wrong == []
    assert hooks(network) == 0


def test_two_threads_hang_their_hooks_one_after_the_other(monkeypatch):
    """PyTorch numbers hooks with one counter of the process; who reads it while another does loses a hook."""
    network, reading = nn.Identity(), []
    hang = network.register_forward_hook

    def slow(hook):
        reading.append(threading.get_ident())
        threading.Event().wait(0.001)
        assert set(reading) == {threading.get_ident()}, "another thread hangs a hook at the same time"
        handle = hang(hook)
        reading.clear()
        return handle

    monkeypatch.setattr(network, "register_forward_hook", slow)
    failures = []

    def visit(value):
        try:
            for _ in range(30):
                with Trace(network, [""]) as trace:
                    network(torch.full((1,), value))
                assert float(trace[""]) == value
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=visit, args=(value,)) for value in (1.0, 2.0, 3.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


@pytest.mark.parametrize("name", SPECS)
def test_no_hook_stays_on_any_network(name):
    """Every layer of every network traced and timed, by two threads at once, once to the end and once with an error."""
    with torch.device("meta"):
        network = build(name).eval()
    paths = layers(network)
    together, seen = threading.Barrier(2), []

    def visit(fail):
        try:
            with Trace(network, paths), Stopwatch(network, paths):
                together.wait(60)
                seen.append(hooks(network))
                together.wait(60)
                if fail:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    threads = [threading.Thread(target=visit, args=(fail,)) for fail in (False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [2 * 3 * len(paths)] * 2
    assert hooks(network) == 0


@pytest.mark.usefixtures("torch_loaded")
def test_a_worker_looks_up_in_its_own_passes_only():
    network, worker = nn.Sequential(nn.Identity(), nn.Identity()), Worker()
    with worker.checkpoints(network):
        other = threading.Thread(target=lambda: network(X))
        other.start()
        other.join(60)
        assert worker._layers == 0
        worker.turn(lambda: network(X))
        assert worker._layers == 2
    assert hooks(network) == 0
