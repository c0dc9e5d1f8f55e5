// Package pythontest gives tests of other packages the Python runtime.
//
// It imports runtimes/python, runtimes/cache and runtimes/engine/engines.
package pythontest
