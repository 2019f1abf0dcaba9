"""A dataset made in parts is the dataset."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akd import main
from pipeline.dataset_folder import only_writer
from pipeline.errors import DatasetError, SpecError
from pipeline.generate import FarmOptions, generate_dataset
from pipeline.merge import merge_shards
from pipeline.record import finished_shots
from pipeline.shards import Shard, parse_shard
from tests.farm.conftest import Mischief, digest, fake_spec


@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 9))
def test_shards_share_out_every_shot_once_and_keep_vehicles_whole(images: int, views: int, count: int):
    parts = [Shard(number, count).of(images, views) for number in range(1, count + 1)]
    assert sorted(index for part in parts for index in part) == list(range(images))
    numbers = [{index // views for index in part} for part in parts]
    assert sum(map(len, numbers)) == len(set().union(*numbers)), "no vehicle is in two shards"
    assert max(map(len, numbers)) - min(map(len, numbers)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0", "a/b", "1", "1/3/5", "-1/3", "", "1 / 3"])
def test_a_wrong_shard_is_refused(text: str):
    with pytest.raises(SpecError, match="must be I/N with whole numbers 1 <= I <= N"):
        parse_shard(text)


def test_shards_say_which_they_are():
    assert str(parse_shard("3/16")) == "3/16"
    assert parse_shard("3/16").stem == "3-of-16"


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, str]:
    generate_dataset(fake_spec(), tmp_path / "whole", workers=1)
    return digest(tmp_path / "whole")


def parts(tmp_path: Path, count: int = 3) -> list[Path]:
    folders = [tmp_path / f"part{number}" for number in range(1, count + 1)]
    for number, folder in enumerate(folders, 1):
        summary = generate_dataset(fake_spec(), folder, options=FarmOptions(workers=1, shard=Shard(number, count)))
        assert summary.rendered == 4
        assert summary.holds is None
    return folders


def test_three_shards_merged_are_the_dataset(tmp_path: Path, whole: dict[str, str]):
    folders = parts(tmp_path)
    before = [digest(folder) for folder in folders]
    assert sum(merge_shards(folders, tmp_path / "d").per_split.values()) == 12
    assert digest(tmp_path / "d") == whole
    assert [digest(folder) for folder in folders] == before, "the parts stay as they are"
    merge_shards(folders, tmp_path / "d")
    assert digest(tmp_path / "d") == whole


def test_shards_in_one_folder_are_finished_by_a_plain_run(tmp_path: Path, whole: dict[str, str]):
    for number in (2, 1):
        generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(workers=1, shard=Shard(number, 2)))
    assert not (tmp_path / "d" / "annotations.json").exists()
    assert generate_dataset(fake_spec(), tmp_path / "d", workers=1).rendered == 0
    assert digest(tmp_path / "d") == whole


def test_in_one_folder_each_shard_works_once_and_nobody_else(tmp_path: Path):
    with only_writer(tmp_path, Shard(1, 2)), only_writer(tmp_path, Shard(2, 2)):
        with pytest.raises(DatasetError, match="another akd generate"), only_writer(tmp_path, Shard(2, 2)):
            pass
        with pytest.raises(DatasetError, match="another akd generate"), only_writer(tmp_path):
            pass
    with (
        only_writer(tmp_path),
        pytest.raises(DatasetError, match="another akd generate"),
        only_writer(tmp_path, Shard(1, 2)),
    ):
        pass


def test_a_missing_shard_is_named_and_can_be_rendered_after_all(tmp_path: Path, whole: dict[str, str]):
    folders = parts(tmp_path)
    with pytest.raises(DatasetError, match=r"4 of 12 images are in none of the folders: 4, 5, 10, 11; render"):
        merge_shards([folders[0], folders[1]], tmp_path / "d")
    assert generate_dataset(fake_spec(), tmp_path / "d", workers=1).rendered == 4
    assert digest(tmp_path / "d") == whole


def test_a_foreign_part_is_refused_before_anything_is_written(tmp_path: Path):
    first = parts(tmp_path)[0]
    generate_dataset(fake_spec(seed=9), tmp_path / "other", options=FarmOptions(workers=1, shard=Shard(2, 3)))
    with pytest.raises(DatasetError, match=r"other: was begun with other spec than .*part1; merge shards of one"):
        merge_shards([first, tmp_path / "other"], tmp_path / "d")
    with pytest.raises(DatasetError, match="is no dataset of ours"):
        merge_shards([first, tmp_path], tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_record_without_its_image_is_named(tmp_path: Path):
    folders = parts(tmp_path)
    (folders[1] / "images" / "000002.png").unlink()
    with pytest.raises(DatasetError, match=r"part2/images/000002\.png: is missing, though its record is there"):
        merge_shards(folders, tmp_path / "d")
    assert 2 not in finished_shots(tmp_path / "d")


def test_the_verbs(tmp_path: Path, capsys: pytest.CaptureFixture[str], mischief: Mischief):
    import yaml

    from tests.farm.conftest import SPEC

    (tmp_path / "fake.yaml").write_text(yaml.safe_dump(SPEC))
    folders = [str(tmp_path / f"p{number}") for number in (1, 2)]
    for number, folder in enumerate(folders, 1):
        given = ["generate", str(tmp_path / "fake.yaml"), "-o", folder, "--shard", f"{number}/2", "--workers", "1"]
        assert main(given) == 0
    assert "shard 2/2 is done: when all are, akd merge puts them together" in capsys.readouterr().out
    assert main(["merge", *folders, "-o", str(tmp_path / "d")]) == 0
    assert "wrote" in capsys.readouterr().out
    assert main(["status", str(tmp_path / "d")]) == 0
    assert "finished, 12 of 12 images" in capsys.readouterr().out
    assert main(["generate", str(tmp_path / "fake.yaml"), "-o", folders[0], "--shard", "3/2"]) == 1
    assert "akd: --shard 3/2: must be I/N" in capsys.readouterr().err
    shutil.rmtree(folders[0])
    assert main(["merge", *folders, "-o", str(tmp_path / "e")]) == 1
    assert "is no dataset of ours" in capsys.readouterr().err


def test_a_dataset_grows_into_the_one_that_was_begun_larger(tmp_path: Path, whole: dict[str, str]):
    small = fake_spec().model_copy(update={"images": 6})
    generate_dataset(small, tmp_path / "d", workers=1)
    with pytest.raises(DatasetError, match=r"was begun with fewer images; let it grow without --shard"):
        generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(workers=1, shard=Shard(1, 2)))
    grown = generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    assert (grown.found, grown.rendered) == (6, 6)
    assert digest(tmp_path / "d") == whole
    with pytest.raises(DatasetError, match="was begun with other spec"):
        generate_dataset(small, tmp_path / "d", workers=1)


def test_a_dataset_of_another_seed_does_not_grow(tmp_path: Path):
    generate_dataset(fake_spec().model_copy(update={"images": 6}), tmp_path / "d", workers=1)
    before = digest(tmp_path / "d")
    with pytest.raises(DatasetError, match="was begun with other spec"):
        generate_dataset(fake_spec().model_copy(update={"seed": 77}), tmp_path / "d", workers=1)
    assert digest(tmp_path / "d") == before
