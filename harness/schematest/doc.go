// Package schematest holds files to their JSON Schemas in tests.
//
// It imports nothing of ours.
package schematest
