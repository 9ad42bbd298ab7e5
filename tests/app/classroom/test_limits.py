from app.classroom.limits import Limit


def test_a_bucket_fills_by_itself_and_belongs_to_one():
    now = [0.0]
    limit = Limit(2, 6, clock=lambda: now[0])
    assert [limit.take("a") for _ in range(3)] == [True, True, False]
    assert limit.take("b")
    now[0] = 9.9
    assert not limit.has("a")
    now[0] = 10.0
    assert [limit.take("a") for _ in range(2)] == [True, False]
    now[0] = 10_000.0
    assert [limit.take("a") for _ in range(3)] == [True, True, False]
