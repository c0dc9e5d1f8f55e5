module example.com/lazy

go 1.26.0

require github.com/assay-dev/assay/plugins/sdk v0.0.0

// Until the SDK is published: the folder that it lies in.
replace github.com/assay-dev/assay/plugins/sdk => ../..
