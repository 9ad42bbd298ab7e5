def test_a_file_is_written_whole_and_not_replaced_by_accident(answer, refusal, tmp_path):
    file = tmp_path / "virtual.html"
    written = answer("report", "virtual-sets", file)
    assert written == {"study": "virtual-sets", "file": str(file), "format": "html", "bytes": file.stat().st_size}
    before = file.read_bytes()
    assert "--force" in refusal("report", "virtual-sets", file)
    assert file.read_bytes() == before
    assert answer("report", "virtual-sets", file, "--force", "--pdf")["format"] == "pdf"
    assert file.read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_bad_input_is_one_sentence(refusal, tmp_path):
    assert ".pdf" in refusal("report", "scenes", tmp_path / "scenes.docx")
    assert "nonsense" in refusal("report", "nonsense", tmp_path / "a.html")
    assert "budget" in refusal("report", "digits", tmp_path / "a.html", "--budget", "much").lower()
    assert not list(tmp_path.glob("*.*"))
    link = tmp_path / "link.html"
    link.symlink_to(tmp_path / "elsewhere.html")
    assert "regular file" in refusal("report", "digits", link, "--force")
    assert "name" in refusal("report", "digits", tmp_path / ("a" * 300 + ".html"))
    assert link.is_symlink()
