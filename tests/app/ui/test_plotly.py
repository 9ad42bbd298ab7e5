import plotly.graph_objects as go

from app.ui.plotly import presented


def test_a_figure_for_a_room_is_a_copy_with_larger_text_and_more_room():
    figure = go.Figure(go.Heatmap(z=[[1]], texttemplate="%{z}", textfont={"size": 9}), {"height": 200})
    figure.update_xaxes(title={"text": "blocks", "font": {"size": 12}})
    before = figure.to_dict()
    large = presented(figure).to_dict()
    assert figure.to_dict() == before
    assert large["layout"]["height"] > 200
    sizes = [large["data"][0]["textfont"]["size"], large["layout"]["font"]["size"]]
    sizes += [large["layout"]["xaxis"][name]["size"] for name in ("tickfont",)]
    sizes += [large["layout"]["xaxis"]["title"]["font"]["size"], large["layout"]["legend"]["font"]["size"]]
    assert min(sizes) >= 24
