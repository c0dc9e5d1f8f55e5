def sieve(n):
    marks = bytearray([1]) * (n + 1)
    for i in range(2, int(n**0.5) + 1):
        if marks[i]:
            for j in range(i * i, n + 1, i):
                marks[j] = 0
    return sum(marks)


print(sum(sieve(200_000) for _ in range(4)))
