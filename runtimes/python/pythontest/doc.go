// Package pythontest gives tests of other packages the Python runtime.
//
// It imports runtimes/python, runtimes/cache and runtimes/engine/registry.
package pythontest
