//go:build go1.24

package sac

import "runtime"

// A cleanup is what onForgotten has armed.
type cleanup = runtime.Cleanup

// onForgotten calls a function some time after nobody can reach the object any more. The function
// must not reach the object itself.
func onForgotten[T any](object *T, call func()) cleanup {
	return runtime.AddCleanup(object, func(call func()) { call() }, call)
}

// disarm takes back what onForgotten has armed for the object.
func disarm[T any](_ *T, armed cleanup) {
	armed.Stop()
}
