// libsac from Go: one client with defaults for all goroutines.
package main

import (
	"context"

	"libsac/sac"

	"peers/peer"
)

func main() {
	peer.Run(func(plan *peer.Plan) func() {
		client, err := sac.New(plan.BaseURL)
		peer.Fail(err)
		get := client.Get
		if plan.Binary() {
			get = client.GetBinary
		}
		return func() {
			response, err := get(context.Background(), plan.Path)
			peer.Fail(err)
			plan.Check(response.Status, len(response.Body), response.Decode)
		}
	})
}
