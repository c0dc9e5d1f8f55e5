"""There is no screen to draw on."""


class TurtleGraphicsError(Exception):
    pass


class Terminator(Exception):
    pass


class _NoScreen:
    def __init__(self, *_, **__):
        raise TurtleGraphicsError("no display name and no $DISPLAY environment variable")


class Turtle(_NoScreen):
    pass


class RawTurtle(_NoScreen):
    pass


Pen, RawPen = Turtle, RawTurtle


def Screen():
    _NoScreen()


def _draw(*_, **__):
    _NoScreen()


for _name in "forward backward left right penup pendown goto done mainloop bye color speed circle".split():
    globals()[_name] = _draw
