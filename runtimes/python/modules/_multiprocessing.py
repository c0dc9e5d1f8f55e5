# CPython has this module in C. Without it multiprocessing says no more than that there
# is no such module.

raise ImportError(
    "the sandbox has one process, and multiprocessing can't start another: "
    "threads work, and concurrent.futures.ThreadPoolExecutor"
)
