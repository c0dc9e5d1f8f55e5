module example.com/golang

go 1.26.0

require (
	github.com/assay-dev/assay v0.0.0 // for its language alone; another plugin needs only the SDK
	github.com/assay-dev/assay/plugins/sdk v0.0.0
)

// Until both are published: the folders that they lie in.
replace (
	github.com/assay-dev/assay => ../../../..
	github.com/assay-dev/assay/plugins/sdk => ../..
)
