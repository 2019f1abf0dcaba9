"""From a picture to the indexed images that match it: predict, describe, search."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.errors import AkdError, IndexFileError, WeightsError
from pipeline.image_files import image_files
from retrieval.descriptor import Descriptors
from retrieval.find import describe_queries, find, require_alike
from retrieval.options import Options
from retrieval.page import write_page
from retrieval.predictions import Detection, Predictor, best_query, open_predictor, queries_of, weights_stamp
from retrieval.report import write_pictures, write_results
from retrieval.result import Query, Retrieval
from retrieval.stale import require_fresh, require_fresh_image
from retrieval.store import Index, load_index


def retrieve(
    index: Path,
    images: Sequence[Path],
    weights: Path | None = None,
    k: int = 5,
    out: Path | None = None,
    *,
    force: bool = False,
    options: Options | None = None,
    shards: Sequence[Path] = (),
) -> list[Retrieval]:
    """The k entries of an index most similar to each image.

    Args:
        index: an index folder.
        images: image files, folders of them, or datasets.
        weights: what predicts the images' keypoints; None takes those that made the index.
        k: how many matches per image, at least 1.
        out: new folder for index.html, results.json and a picture per image, or None.
        force: search also with weights other than those that made the index.
        options: how to search; its own k counts where it is given.
        shards: further index folders, searched as if they were one with `index`.

    Raises:
        IndexFileError: an index is missing, damaged or stale, of other keypoints than the weights', or unlike another.
        WeightsError: the weights are missing, or are not those that made the index and `force` is not set.
        DatasetError: a dataset among `images` is damaged, or lists none.
        ImageError: an image cannot be read.
        AkdError: `out` exists.
    """
    if out is not None and out.exists():
        raise AkdError(f"{out}: exists already; remove it, or give another name")
    options = options or Options(k=k)
    indexes = [load_index(folder) for folder in (index, *shards)]
    require_alike(indexes)
    if not options.stale:
        for opened in indexes:
            require_fresh(opened)
    files = image_files(images)
    predictor = _predictor_for(indexes[0], weights, force)
    for opened in indexes:
        opened.require_schema(predictor.schema, str(predictor.file))
        if not force:
            _require_made_by(opened, predictor)
    asked: list[Retrieval] = []
    for file, detections in zip(files, predictor.predict(files), strict=True):
        asked += _asked(indexes[0], file, detections, options)
    found = _answered(indexes, asked, options)
    if out is not None:
        write_results(out / "results.json", found)
        write_pictures(out, indexes[0].schema, found)
        write_page(out / "index.html", indexes[0].schema, found, options)
    return found


def retrieve_one(index: Index, image: Path, detections: Sequence[Detection], k: int) -> Retrieval:
    """The matches of the most certain of an image's detections."""
    options = Options(k=k)
    return _answered([index], _asked(index, image, detections, options), options)[0]


def query_descriptor(index: Index, query: Query) -> Descriptors:
    """What the index compares a query by; uncertain keypoints of a detection weigh less."""
    return describe_queries(index, [query])


def _asked(index: Index, image: Path, detections: Sequence[Detection], options: Options) -> list[Retrieval]:
    """What is to be searched for in an image, without matches as yet; a note where there is nothing."""
    if options.min_score is None:
        best = best_query(detections)
        queries = [] if best is None else [best]
    else:
        queries = queries_of(detections, options.min_score)
    if not queries:
        return [Retrieval(image, index.folder, None, (), "nothing was detected")]
    return [
        Retrieval(
            image,
            index.folder,
            query,
            (),
            "" if query_descriptor(index, query).weights.any() else "no keypoint was detected",
            number + 1,
            len(queries),
        )
        for number, query in enumerate(queries)
    ]


def _answered(indexes: Sequence[Index], asked: Sequence[Retrieval], options: Options) -> list[Retrieval]:
    """The same with their matches: all are searched for at once, on all cores."""
    open_ones = [one for one in asked if one.query is not None and not one.note]
    found = iter(find(indexes, [one.query for one in open_ones if one.query is not None], options))
    answered = [one if one.query is None or one.note else replace(one, matches=next(found)) for one in asked]
    if not options.stale:
        by_folder = {opened.folder: opened for opened in indexes}
        for folder, entry in {(m.index, m.entry): None for one in answered for m in one.matches}:
            if folder is not None:
                require_fresh_image(by_folder[folder], entry)
    return answered


def _predictor_for(index: Index, weights: Path | None, force: bool) -> Predictor:
    """The weights to use; those that made the index unless the user insists on others."""
    recorded = index.manifest.weights
    if weights is None:
        if recorded is None:
            raise IndexFileError(f"{index.folder}: was made from labels, not by weights; say which weights to use")
        weights = Path(recorded.path)
        if not weights.is_file():
            raise WeightsError(f"{weights}: made {index.folder} and is gone; say which weights to use")
    predictor = open_predictor(weights)
    if not force:
        _require_made_by(index, predictor)
    return predictor


def _require_made_by(index: Index, predictor: Predictor) -> None:
    """Raise WeightsError where an index was made by other weights."""
    recorded = index.manifest.weights
    if recorded is None:
        return
    given = weights_stamp(predictor.file).sha256
    if given != recorded.sha256:
        raise WeightsError(
            f"{predictor.file}: are not the weights that made {index.folder} (sha256 {given[:12]}, not "
            f"{recorded.sha256[:12]}); use {recorded.path}, or force it"
        )
