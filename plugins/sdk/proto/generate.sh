#!/bin/sh
# Writes what protoc makes of the proto files, as they lie in the tree, below a
# folder: generate.sh FOLDER. PROTOC is protoc and its arguments; the plugins for
# Go come from go.mod.
set -eu
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/../../.."
go=${GO:-go}
${PROTOC:-protoc} -I plugins/sdk/proto \
  --plugin=protoc-gen-go="$($go tool -n protoc-gen-go)" --go_out="$out" --go_opt=module=github.com/assay-dev/assay \
  --plugin=protoc-gen-go-grpc="$($go tool -n protoc-gen-go-grpc)" --go-grpc_out="$out" --go-grpc_opt=module=github.com/assay-dev/assay \
  backend/v1/backend.proto trainer/v1/trainer.proto runtime/v1/runtime.proto
# Python's modules are named after their files: these lie in the package.
mkdir -p "$out/plugins/python"
${PROTOC:-protoc} -I assay_plugin/proto=plugins/sdk/proto --python_out="$out/plugins/python" \
  assay_plugin/proto/backend/v1/backend.proto assay_plugin/proto/trainer/v1/trainer.proto \
  assay_plugin/proto/runtime/v1/runtime.proto assay_plugin/proto/goplugin/goplugin.proto
