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
// A call always answers: the response is never nil, and its JSON is there whatever happened.
//
// # Contexts
//
// A context that ends ends the call, in whatever it waits for: within 100 ms where it is cancelled,
// and on time where it has a deadline. A call whose context cannot end, such as
// context.Background(), takes the direct path; no goroutine is started for either from Go 1.21 on,
// and one for each call whose context can end before.
//
// # Building
//
// The package is linked by cgo with what pkg-config knows as sac, the shared library, or with
// -tags sac_static as sac-static, the static one. It builds with Go 1.19 and later: log/slog takes
// part from Go 1.21 on. Its module path, libsac/sac, has no host name in it, and so is fetched from
// nowhere: a module that uses it says where it lies,
//
//	require libsac/sac v0.0.0
//	replace libsac/sac => /path/to/bindings/go
//
// # Memory
//
// A Client should be closed; a Response may be. What is forgotten is freed by the garbage collector.
// Functions that are given to the library (see [WithLogFunc], [WithRetryFunc]) may call it.
package sac
