package judge

// neverRecordedDetail explains a benchmarks.Rule that is NeverRecorded.
const neverRecordedDetail = "every answer was right, but evalplus 0.3.1 never records one to find_zero, so that it fails every sample"
