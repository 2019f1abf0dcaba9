"""Which way to share out a large dataset, simulated: python -m tests.benchmarks.simulate_farm [--shots 1000000]

Prints a line per policy and number of shards per node. The policies are told of in farm_simulation.py, the measured
and the assumed times and failure rates in docs/ten-million-images.md. `--plan whole`: every shard plans the whole
dataset and every process reads the whole plan, as akd does today; `--plan slice`: its own shots only.
A million shots take about 3 s a line on one core.
"""

import argparse
from collections.abc import Iterator, Sequence
from statistics import fmean

from tests.benchmarks.farm_simulation import Result, Simulation
from tests.benchmarks.simulated_cluster import Cluster, Overheads
from tests.benchmarks.simulated_shots import POLICIES, TASK_IMAGES, Policy, Shots, ShotTimes

PLAN_S = 2.1e-3
"""Per shot, to plan it and write it into plan.json, one core."""
READ_S = 45e-6
"""Per shot of plan.json, in every process that reads it."""
LIST_S = 4e-6
"""Per record that is there already; each Dask task looks for all of them."""
BEGIN_S = 10.0
"""Of `akd generate` besides: its imports, and the question whether there is a GPU."""


def main() -> None:
    """Print the table."""
    arguments = parser().parse_args()
    cluster = Cluster(
        arguments.nodes,
        arguments.workers,
        arguments.slow_nodes,
        arguments.slow_speed,
        arguments.lost_every_h * 3600,
        arguments.back_after_s,
    )
    times = ShotTimes(
        mean_s=arguments.mean_s,
        sigma=arguments.sigma,
        crash=arguments.crash,
        hang=arguments.hang,
        poison=arguments.poison,
    )
    print(
        f"{arguments.shots:,} shots, {cluster.nodes} nodes x {cluster.workers} workers, "
        f"{cluster.slow_nodes:.0%} of the nodes at {cluster.slow_speed:g} of the speed, each lost every "
        f"{arguments.lost_every_h:g} h, plan: {arguments.plan}, {arguments.seeds} seed(s)"
    )
    print("        shards  makespan            tail  share of all workers' time, %              redone      set aside")
    print("policy /node         h  /ideal       min  render  start  redone   down   idle      core h  poison   sound")
    for policy, per_node in lines(arguments.policies, arguments.per_node):
        print(
            line(policy, per_node, [one_run(arguments, policy, per_node, cluster, times, s) for s in seeds(arguments)])
        )


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--shots", type=int, default=1_000_000)
    made.add_argument("--policies", nargs="+", choices=POLICIES, default=POLICIES)
    made.add_argument("--per-node", type=int, nargs="+", default=[1, 4, 8, 16, 32], help="shards per node")
    made.add_argument("--plan", choices=("slice", "whole"), default="slice")
    made.add_argument("--seeds", type=int, default=1, help="the mean over so many runs (1)")
    made.add_argument("--seed", type=int, default=0, help="of the first run (0)")
    made.add_argument("--nodes", type=int, default=32)
    made.add_argument("--workers", type=int, default=32, help="per node (32)")
    made.add_argument("--slow-nodes", type=float, default=0.05, help="share of the nodes that is slow (0.05)")
    made.add_argument("--slow-speed", type=float, default=0.5)
    made.add_argument("--lost-every-h", type=float, default=24.0, help="mean time between losses of a node; inf: never")
    made.add_argument("--back-after-s", type=float, default=600.0)
    made.add_argument("--mean-s", type=float, default=12.5, help="per image on one core (12.5)")
    made.add_argument("--sigma", type=float, default=0.22, help="of the logarithm of that (0.22)")
    made.add_argument("--crash", type=float, default=1e-3, help="per attempt (0.001)")
    made.add_argument("--hang", type=float, default=1e-4, help="per attempt (0.0001)")
    made.add_argument("--poison", type=float, default=2e-5, help="share of the shots that always fail (0.00002)")
    made.add_argument("--recycle", type=int, default=200, help="images per process (200)")
    made.add_argument("--timeout-s", type=float, default=500.0, help="what a shot that hangs costs (500)")
    return made


def seeds(arguments: argparse.Namespace) -> range:
    """The seed of each run."""
    return range(arguments.seed, arguments.seed + arguments.seeds)


def lines(policies: Sequence[Policy], per_node: list[int]) -> Iterator[tuple[Policy, int]]:
    """What is compared; Dask knows no shards."""
    for policy in policies:
        for count in [1] if policy == "dask" else per_node:
            yield policy, count


def one_run(
    arguments: argparse.Namespace, policy: Policy, per_node: int, cluster: Cluster, times: ShotTimes, seed: int
) -> Result:
    """Simulate one policy with one seed."""
    shards = 1 if policy == "dask" else per_node * cluster.nodes
    own = TASK_IMAGES if policy == "dask" else arguments.shots / shards
    whole = arguments.plan == "whole"
    plan_s = PLAN_S * (arguments.shots if whole else own)
    dask_plans = policy == "dask" and not whole  # in each task, as a shard does
    costs = Overheads(
        worker_s=3.0 + READ_S * (arguments.shots if whole else own),
        recycle_images=arguments.recycle,
        shard_s=BEGIN_S + (0.0 if dask_plans else plan_s),
        task_s=plan_s if dask_plans else LIST_S * arguments.shots / 2,
        timeout_s=arguments.timeout_s,
    )
    shots = Shots(arguments.shots, times, seed)
    result = Simulation(policy, shards, shots, cluster, costs, seed).run()
    result.counts["poison set aside"] = len(result.quarantined & shots.poison)
    return result


def line(policy: Policy, per_node: int, results: list[Result]) -> str:
    """The means over runs that differ in their seed only."""
    makespan = fmean(result.makespan_s for result in results)
    shares = [
        100 * fmean(result.share(kind) for result in results) for kind in ("render", "start", "redone", "down", "idle")
    ]
    poison = fmean(result.counts["poison set aside"] for result in results)
    return (
        f"{policy:7}{per_node if policy != 'dask' else '-':>4}{makespan / 3600:10.2f}"
        f"{fmean(result.makespan_s / result.ideal_s for result in results):8.3f}"
        f"{fmean(result.tail_s for result in results) / 60:10.1f}"
        f"{shares[0]:8.1f}{shares[1]:7.2f}{shares[2]:8.2f}{shares[3]:7.2f}{shares[4]:7.2f}"
        f"{fmean(result.spent['redone'] for result in results) / 3600:12.1f}"
        f"{poison:8.1f}{fmean(len(result.quarantined) for result in results) - poison:8.1f}"
    )


if __name__ == "__main__":
    main()
