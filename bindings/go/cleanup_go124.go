//go:build go1.24

package sac

import "runtime"

// A cleanup is a registration made by addCleanup.
type cleanup = runtime.Cleanup

// addCleanup calls a function some time after the object becomes unreachable. The function must not
// refer to the object.
func addCleanup[T any](object *T, call func()) cleanup {
	return runtime.AddCleanup(object, func(call func()) { call() }, call)
}

// stopCleanup cancels what addCleanup registered for the object.
func stopCleanup[T any](_ *T, registered cleanup) {
	registered.Stop()
}
