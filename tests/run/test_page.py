"""A run writes the page of its folder, if it is asked to."""

from tests.helpers.runs import run


def test_the_page_is_there_when_the_run_is_whole(demo, tmp_path):
    small = [*demo, "samples=2,image:demo_000000", "panels=[side/mask]", "size=32x32", "output=png"]
    run(*small)
    assert not (tmp_path / "out/index.html").exists()
    # Nothing is drawn again for it.
    report = run(*small, "page=true")
    assert (report.rendered, report.kept) == (0, 3)
    assert (tmp_path / "out/index.html").exists()


def test_a_run_without_sheets_has_no_page(demo_set, tmp_path):
    """Its failures are what it tells, and no error of the page."""
    (tmp_path / "nothing").mkdir()
    report = run(
        "dataset=eft",
        f"dataset.fit_file={demo_set.fit_file}",
        f"dataset.image_dir={tmp_path}/nothing",
        f"output.dir={tmp_path}/out",
        "body=demo",
        "samples=:2",
        "panels=[camera/mask]",
        "output=png",
        "page=true",
    )
    assert len(report.failed) == 2
    assert not (tmp_path / "out/index.html").exists()
