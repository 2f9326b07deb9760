//go:build !go1.24

package sac

import "runtime"

// A cleanup is what onForgotten has armed. The object may hold it: it does not lead back, and what is
// part of a circle is never finalized.
type cleanup struct{}

// onForgotten calls a function some time after nobody can reach the object any more. The function
// must not reach the object itself.
func onForgotten[T any](object *T, call func()) cleanup {
	runtime.SetFinalizer(object, func(*T) { call() })
	return cleanup{}
}

// disarm takes back what onForgotten has armed for the object.
func disarm[T any](object *T, _ cleanup) {
	runtime.SetFinalizer(object, nil)
}
