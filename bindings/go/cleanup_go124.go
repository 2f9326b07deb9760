//go:build go1.24

package sac

import "runtime"

// forgotten calls a function some time after nobody can reach the object any more, unless the
// function that it returns has been called before. The function must not reach the object itself.
func forgotten[T any](object *T, call func()) (disarm func()) {
	cleanup := runtime.AddCleanup(object, func(call func()) { call() }, call)
	return cleanup.Stop
}
