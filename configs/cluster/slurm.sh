#!/usr/bin/env bash
# A Slurm array that renders a dataset, one shard per task, and a job that puts the shards together.
#
#   sbatch configs/cluster/slurm.sh street /shared/datasets/street
#
# All shards write into one folder, which every node sees. A task that is cut short (time, preemption, a lost node) is
# queued again by Slurm and goes on where it was. See how far it is from anywhere: akd status /shared/datasets/street
#SBATCH --job-name=akd
#SBATCH --array=1-32
#SBATCH --cpus-per-task=16
#SBATCH --mem=32G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --output=akd-%A-%a.log
set -euo pipefail
SPEC=${1:?usage: sbatch slurm.sh SPEC FOLDER}
OUT=${2:?usage: sbatch slurm.sh SPEC FOLDER}

if [[ $SLURM_ARRAY_TASK_ID -eq 1 && ${SLURM_RESTART_COUNT:-0} -eq 0 ]]; then
  # the last word: it renders what failed shards have left, writes annotations.json, and checks it all
  sbatch --dependency="afterany:$SLURM_ARRAY_JOB_ID" --job-name=akd-finish --cpus-per-task=16 --mem=32G \
    --wrap "srun akd generate '$SPEC' -o '$OUT'"
fi

# exec, so that Slurm's TERM reaches akd itself: it drops the images in flight and leaves a folder that can go on
exec akd generate "$SPEC" -o "$OUT" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --workers "$SLURM_CPUS_PER_TASK" --json
