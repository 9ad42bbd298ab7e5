import pytest

from app.budget.tables import layouts_frame, shown_frame, tasks_frame, writers
from app.plane.task_columns import with_interval
from app.ui.formatting import percent
from app.ui.layout_words import layout_sentence
from core.layouts import Layout


def test_a_table_says_in_numbers_what_the_plane_draws(scene_of):
    scene = scene_of("five")
    layouts = [choice.layout for choice in scene.front]
    frame = layouts_frame(scene, layouts)
    entries = scene.entries
    assert frame["predicted gain Δ"].tolist() == pytest.approx([entry.score for entry in entries])
    assert (frame["share"] / 100).tolist() == pytest.approx([entry.cost for entry in entries])
    assert frame["layout"].tolist() == [entry.title for entry in entries]
    for text, layout in zip(frame["text form"], layouts, strict=True):
        assert Layout.parse(text, scene.view.tasks) == layout
    assert "measured gain Δ" not in frame


def test_trained_layouts_have_both_figures(scene_of):
    scene = scene_of("trained")
    layouts = [choice.layout for choice in scene.trained.choices[:5]]
    frame = layouts_frame(scene, layouts)
    assert frame["measured gain Δ"].tolist() == pytest.approx([scene.trained.figures(x).score for x in layouts])
    assert frame["predicted gain Δ"].tolist() == pytest.approx([scene.view.figures(x).score for x in layouts])


def test_every_number_in_the_table_has_a_way_to_be_written(scene_of):
    scene = scene_of("trained")
    frame = layouts_frame(scene, [Layout.all_shared(3, 3)])
    assert set(frame) - set(writers(scene)) == {"layout", "text form"}
    assert frame["layout"].tolist() == [layout_sentence(Layout.all_shared(3, 3), scene.view.tasks)]


def test_where_measured_gains_are_shown_the_best_measured_layouts_are_listed(scene_of):
    scene = scene_of("trained", shown=True)
    for budget in (0.4, 0.6, 1.0):
        limit = scene.view.limit(budget)
        within = [choice for choice in scene.trained.choices if choice.cost <= limit]
        scores = [scene.trained.figures(layout).score for layout in scene.top(budget, 5)]
        assert scores == sorted((choice.score for choice in within), reverse=True)[:5]
    predicted = scene_of("trained")
    best = [predicted.view.figures(layout).score for layout in predicted.top(0.6, 5)]
    assert best == sorted(best, reverse=True)


def test_the_screen_shows_both_ends_of_an_interval_where_there_are_any(scene_of):
    scene = scene_of("five")
    layouts = [choice.layout for choice in scene.front]
    shown = shown_frame(scene, layouts)
    for words, layout in zip(shown["90 % interval"], layouts, strict=True):
        known = scene.view.figures(layout)
        assert words == f"{percent(known.score_low)} to {percent(known.score_high)}"
    assert not {"low", "high", "text form"} & set(shown)


def test_where_measured_gains_are_shown_so_are_their_intervals_and_tasks(scene_of):
    scene = scene_of("trained", shown=True)
    layouts = scene.top(1.0, 4)
    shown = shown_frame(scene, layouts)
    assert list(shown)[:3] == ["layout", "measured gain Δ", "90 % interval"]
    for place, layout in enumerate(layouts):
        real = scene.trained.figures(layout)
        row = shown.iloc[place]
        assert row["90 % interval"] == f"{percent(real.score_low)} to {percent(real.score_high)}"
        assert [row[f"Δ {task}"] for task in scene.view.tasks] == pytest.approx(real.estimates.tolist())


def test_the_gains_of_tasks_alone_stand_beside_the_gain_that_ranks(scene_of):
    for shown in (False, True):
        scene = scene_of("trained", shown=shown)
        whole = shown_frame(scene, scene.top(1.0, 4))
        tasks = tasks_frame(scene, whole, scene.top(1.0, 4))
        ranked = "measured gain Δ" if shown else "predicted gain Δ"
        assert list(tasks) == ["layout", ranked, *(f"Δ {task}" for task in scene.view.tasks)]
        assert tasks[["layout", ranked]].equals(whole[["layout", ranked]])
        for layout, row in zip(scene.top(1.0, 4), tasks.itertuples(index=False), strict=True):
            known = scene.figures(layout)
            assert list(row[2:]) == [
                with_interval(*ends) for ends in zip(known.estimates, known.low, known.high, strict=True)
            ]


def test_a_file_has_the_interval_of_every_task(scene_of):
    scene = scene_of("trained")
    frame = layouts_frame(scene, [choice.layout for choice in scene.front])
    for place, task in enumerate(scene.view.tasks):
        for row, choice in enumerate(scene.front):
            known = scene.view.figures(choice.layout)
            ends = frame.loc[row, [f"Δ {task} low", f"Δ {task}", f"Δ {task} high"]].tolist()
            assert ends == [known.low[place], known.estimates[place], known.high[place]]
