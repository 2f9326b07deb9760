// Package sac calls JSON APIs through libsac, the Simple API Client: retries, rate limits, deadlines,
// one scope per incoming request, and JSON that is always well-formed.
//
//	client, err := sac.New("https://api.example.com", sac.WithBearer(token), sac.WithRetries(3))
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//
//	response, err := client.Get(ctx, "/v1/users/42", sac.Query("fields", "name"))
//	if err != nil {
//		return err // an *sac.Error; errors.Is(err, sac.ErrTimeout) and so on
//	}
//	var user User
//	err = response.Decode(&user)
//
// Every call returns a response. It is never nil, and always has well-formed JSON.
//
// # Streams
//
// [Client.Stream] returns when the head of the response is there. The body is then read while it arrives, as bytes
// or record by record: server-sent events, JSON lines, or the elements of an array. [BodyReader] and [BodyFunc] send
// a body from an io.Reader.
//
// # Contexts
//
// When the context ends, the call ends, in every phase: within 100 ms after a cancel, and on time at a
// deadline. A context that cannot end, such as context.Background(), costs nothing. Since Go 1.21, no
// context needs a goroutine; with older versions, each call with a context that can end starts one.
//
// # Building
//
// The package is linked by cgo with the pkg-config package sac (the shared library), or with
// -tags sac_static with sac-static (the static library). It builds with Go 1.19 and later; log/slog
// support needs Go 1.21, and [Stream.Records] Go 1.23. The module path, libsac/sac, contains no host name, so Go does not download the
// module. A module that uses it must say where it is:
//
//	require libsac/sac v0.0.0
//	replace libsac/sac => /path/to/bindings/go
//
// # Memory
//
// Close every Client and every Stream; the garbage collector closes one that you forget. A Response is ordinary Go memory.
// Functions that you pass to the library (see [WithLogFunc], [WithRetryFunc], [WithAttemptFunc]) may call the library. They
// must return, so do not call runtime.Goexit in them, nor FailNow of a test, which calls it.
package sac
