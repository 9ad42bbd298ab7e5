from app.plane.basis import measured_basis, predicted_basis


def test_a_gain_says_weighting_split_and_seeds(scene_of):
    scene = scene_of("trained")
    assert predicted_basis(scene.view) == "equal weights, validation split, 3 seeds"
    assert measured_basis(scene.trained) == "equal weights, test split, 2 seeds"
    for words in (predicted_basis(scene.view), "test split, 2 seeds"):
        assert words in scene.basis
