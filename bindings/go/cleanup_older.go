//go:build !go1.24

package sac

import "runtime"

// A cleanup is a registration made by addCleanup. The object may contain it, because it does not refer
// to the object; objects in a cycle are never finalized.
type cleanup struct{}

// addCleanup calls a function some time after the object becomes unreachable. The function must not
// refer to the object.
func addCleanup[T any](object *T, call func()) cleanup {
	runtime.SetFinalizer(object, func(*T) { call() })
	return cleanup{}
}

// stopCleanup cancels what addCleanup registered for the object.
func stopCleanup[T any](object *T, _ cleanup) {
	runtime.SetFinalizer(object, nil)
}
