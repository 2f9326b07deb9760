// net/http: one client, which keeps a connection for each goroutine and the TLS sessions.
package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"time"

	"peers/peer"
)

func main() {
	peer.Run(func(plan *peer.Plan) func() {
		client := &http.Client{
			Timeout: 30 * time.Second,
			Transport: &http.Transport{
				MaxIdleConnsPerHost: plan.Threads,
				TLSClientConfig:     &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(0)},
			},
		}
		return func() { call(plan, client) }
	})
}

func call(plan *peer.Plan, client *http.Client) {
	request, err := http.NewRequest("GET", plan.BaseURL+plan.Path, nil)
	peer.Fail(err)
	request.Header.Set("Accept", plan.Accept())
	response, err := client.Do(request)
	peer.Fail(err)
	body, err := io.ReadAll(response.Body)
	peer.Fail(err)
	peer.Fail(response.Body.Close())
	plan.CheckBody(response.StatusCode, body)
}
