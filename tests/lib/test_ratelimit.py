from chatsite.lib.ratelimit import Limiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again():
    clock = Clock()
    limiter = Limiter(clock)
    assert [limiter.allow("k", 3, 30) for _ in range(3)] == [0.0, 0.0, 0.0]
    wait = limiter.allow("k", 3, 30)
    assert wait == 10.0
    clock.now = 9.9
    assert limiter.allow("k", 3, 30) > 0
    clock.now = 10.0
    assert limiter.allow("k", 3, 30) == 0.0


def test_keys_do_not_share_a_bucket():
    limiter = Limiter(Clock())
    assert limiter.allow("a", 1, 60) == 0.0
    assert limiter.allow("a", 1, 60) > 0
    assert limiter.allow("b", 1, 60) == 0.0
