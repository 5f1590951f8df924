def test_it_goes(world):
    assert world.issued() == 1
