"""The simulation of the farm, in cases small enough to be worked out by hand."""

import math
from collections import deque

import pytest

from tests.benchmarks import simulate_farm
from tests.benchmarks.farm_simulation import Result, Simulation
from tests.benchmarks.simulated_cluster import Cluster, Overheads
from tests.benchmarks.simulated_shots import POLICIES, Policy, Shots, ShotTimes, bundle, cut, share_out

SOUND = ShotTimes(mean_s=10.0, sigma=0.0, first_s=0.0, crash=0.0, hang=0.0, poison=0.0)
STEADY = Cluster(nodes=2, workers=2, slow_nodes=0.0, lost_every_s=math.inf)
FREE = Overheads(worker_s=0.0, shard_s=0.0)


def simulate(
    policy: Policy = "groups",
    shards: int = 2,
    count: int = 24,
    times: ShotTimes = SOUND,
    cluster: Cluster = STEADY,
    costs: Overheads = FREE,
    seed: int = 3,
) -> Result:
    return Simulation(policy, shards, Shots(count, times, seed), cluster, costs, seed).run()


@pytest.mark.parametrize("policy", POLICIES)
def test_equal_shots_on_sound_machines_take_what_is_ideal(policy: Policy):
    result = simulate(policy)
    assert result.ideal_s == pytest.approx(24 * 10 / 4)
    assert result.makespan_s == pytest.approx(60)
    assert result.share("render") == pytest.approx(1)


def test_a_process_starts_for_each_worker_and_after_so_many_images():
    result = simulate(costs=Overheads(worker_s=5, shard_s=7, recycle_images=4))
    assert result.makespan_s == pytest.approx(7 + 60 + 2 * 5)  # six images of each worker: a second process after four
    assert result.counts["processes"] == 8
    assert result.spent["start"] == pytest.approx(4 * 7 + 8 * 5)


def test_a_vehicle_is_built_again_by_each_process_that_comes_to_it():
    times = ShotTimes(3, 10.0, 0.0, first_s=2.0, crash=0.0, hang=0.0, poison=0.0)
    one = Cluster(nodes=1, workers=1, slow_nodes=0.0, lost_every_s=math.inf)
    assert simulate(shards=1, count=6, times=times, cluster=one).makespan_s == pytest.approx(64)
    recycled = simulate(shards=1, count=6, times=times, cluster=one, costs=Overheads(0, 2, 0))
    assert recycled.makespan_s == pytest.approx(68)  # 0 1 | 2 3 | 4 5: both vehicles are built twice


@pytest.mark.parametrize("policy", POLICIES)
def test_a_poison_shot_is_tried_twice_and_set_aside(policy: Policy):
    times = ShotTimes(3, 10.0, 0.0, 0.0, crash=0.0, hang=0.0, poison=0.1)
    poison = Shots(60, times, 3).poison
    assert 2 < len(poison) < 20
    result = simulate(policy, count=60, times=times)
    assert result.quarantined == poison
    assert result.counts["poison"] == 2 * len(poison)


def test_a_shot_that_hangs_costs_the_timeout_each_time():
    times = ShotTimes(3, 10.0, 0.0, 0.0, crash=0.0, hang=1.0, poison=0.0)
    one = Cluster(nodes=1, workers=1, slow_nodes=0.0, lost_every_s=math.inf)
    result = simulate(shards=1, count=3, times=times, cluster=one, costs=Overheads(0, 60, 0, timeout_s=100))
    assert result.makespan_s == pytest.approx(3 * 2 * 100)
    assert result.quarantined == {0, 1, 2}
    assert result.spent["redone"] == pytest.approx(600)


def test_a_crash_is_made_good():
    times = ShotTimes(3, 10.0, 0.0, 0.0, crash=0.02, hang=0.0, poison=0.0)
    result = simulate(count=300, times=times)
    assert result.counts["crash"] > 0
    assert not result.quarantined
    assert result.spent["render"] == pytest.approx(3000)
    assert 0 < result.spent["redone"] <= 10 * result.counts["crash"]


def test_of_a_slow_node_more_shards_or_dask_take_work_away():
    cluster = Cluster(nodes=4, workers=2, slow_nodes=0.25, slow_speed=0.5, lost_every_s=math.inf)
    one, eight, dask = (
        simulate(policy, shards, 1200, cluster=cluster)
        for policy, shards in (("groups", 4), ("groups", 32), ("dask", 1))
    )
    assert one.ideal_s == pytest.approx(12000 / 7)
    assert one.makespan_s == pytest.approx(3000)  # a quarter of it at half the speed
    assert eight.makespan_s < 0.75 * one.makespan_s
    assert dask.makespan_s < 0.75 * one.makespan_s


@pytest.mark.parametrize("policy", POLICIES)
def test_lost_nodes_lose_only_what_is_under_way(policy: Policy):
    cluster = Cluster(nodes=2, workers=2, slow_nodes=0.0, lost_every_s=1000, back_after_s=50)
    result = simulate(policy, 4, 1200, cluster=cluster)
    lost = result.counts["lost nodes"]
    assert lost > 2
    assert not result.quarantined
    assert result.spent["render"] == pytest.approx(12000)
    assert 0 < result.spent["redone"] <= lost * cluster.workers * 10
    assert result.spent["down"] <= lost * cluster.workers * 50
    assert sum(result.spent.values()) == pytest.approx(result.capacity_s)
    assert result.spent["idle"] >= 0


def test_dask_gives_up_a_task_that_loses_its_machine_too_often():
    cluster = Cluster(nodes=1, workers=1, slow_nodes=0.0, lost_every_s=5, back_after_s=1)
    hopeless = ShotTimes(3, 1000.0, 0.0, 0.0, crash=0.0, hang=0.0, poison=0.0)
    result = simulate("dask", 1, 1, hopeless, cluster)
    assert result.quarantined == {0}
    assert result.counts["lost nodes"] == 4


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    times, cluster = ShotTimes(crash=0.01), Cluster(nodes=2, workers=2, lost_every_s=900)
    first, again, other = (simulate(count=900, times=times, cluster=cluster, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first.makespan_s != other.makespan_s


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("shards", [1, 3, 7])
def test_each_shot_is_shared_out_once(policy: Policy, shards: int):
    queues = share_out(policy, shards, Shots(100, SOUND, 0), 4, 8)
    assert len(queues) == (1 if policy == "dask" else shards)
    assert sorted(shot for queue in queues for group in queue for shot in group) == list(range(100))


def test_groups_are_vehicles_unless_workers_would_idle():
    assert cut([[0, 1, 2], [3, 4, 5]], 2) == [[0, 1, 2], [3, 4, 5]]
    assert cut([[0, 1, 2], [3, 4, 5]], 3) == [[0, 1], [2], [3, 4], [5]]
    assert bundle([[0, 1, 2], [3, 4, 5], [6]], 4) == [[0, 1, 2], [3, 4, 5, 6]]
    assert share_out("groups", 2, Shots(9, SOUND, 0), 1, 2) == [deque([[0, 1, 2], [6, 7, 8]]), deque([[3, 4, 5]])]


def test_the_whole_plan_in_every_process_costs_a_large_dataset_time(monkeypatch: pytest.MonkeyPatch, capsys):
    def makespans(plan: str) -> list[float]:
        monkeypatch.setattr(
            "sys.argv", ["simulate_farm", *["--shots", "20000", "--nodes", "2", "--workers", "8"], "--plan", plan]
        )
        simulate_farm.main()
        rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith(POLICIES)]
        assert [row[:2] for row in rows[-2:]] == [["groups", "32"], ["dask", "-"]]
        return [float(row[2]) for row in rows]

    assert all(whole > slice_ for whole, slice_ in zip(makespans("whole"), makespans("slice"), strict=True))
