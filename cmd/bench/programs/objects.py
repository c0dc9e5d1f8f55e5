class Body:
    def __init__(self, x, v):
        self.x, self.v = x, v

    def step(self, others):
        for o in others:
            if o is not self:
                d = o.x - self.x
                self.v += d / (abs(d) ** 3 + 0.01)
        self.x += self.v * 0.001


bodies = [Body(float(i), 0.0) for i in range(20)]
for _ in range(400):
    for b in bodies:
        b.step(bodies)
print(sum(b.x for b in bodies))
