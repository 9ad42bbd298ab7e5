import unicodedata

from core.data.picture_names import FolderFiles


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_file_is_found_whatever_the_capitals_of_its_name(tmp_path):
    touch(tmp_path, "a.JPG", "Birds/b.Jpeg", "c.png")
    files = FolderFiles(tmp_path)
    assert files.find("a.jpg") == tmp_path / "a.JPG"
    assert files.find("birds/B.jpeg") == tmp_path / "Birds" / "b.Jpeg"
    assert files.find("Birds\\b.Jpeg") == tmp_path / "Birds" / "b.Jpeg"
    assert files.find_all(["c.png", "d.png"]) == ([tmp_path / "c.png"], ["d.png"])


def test_an_exact_name_wins_and_two_alike_are_none(tmp_path):
    touch(tmp_path, "a.JPG", "a.jpg", "b.JPG", "b.Jpg")
    files = FolderFiles(tmp_path)
    assert files.find("a.jpg") == tmp_path / "a.jpg"
    assert files.find("b.jpg") is None


def test_accents_are_the_same_however_they_are_encoded(tmp_path):
    touch(tmp_path, unicodedata.normalize("NFD", "größe.png"))
    assert FolderFiles(tmp_path).find(unicodedata.normalize("NFC", "Größe.PNG")) is not None
