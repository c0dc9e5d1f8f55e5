counts = {}
for i in range(150_000):
    key = "k%d" % (i % 5000)
    counts[key] = counts.get(key, 0) + len(key.upper().split("K"))
print(sum(counts.values()))
