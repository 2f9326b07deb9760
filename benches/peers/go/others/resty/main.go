// resty: one client, with the connections of net/http.
package main

import (
	"crypto/tls"
	"net/http"
	"time"

	"github.com/go-resty/resty/v2"

	"peers/peer"
)

func main() {
	peer.Run(func(plan *peer.Plan) func() {
		client := resty.New().SetBaseURL(plan.BaseURL).SetTimeout(30 * time.Second).SetTransport(&http.Transport{
			MaxIdleConnsPerHost: plan.Threads,
			TLSClientConfig:     &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(0)},
		})
		return func() {
			response, err := client.R().SetHeader("Accept", plan.Accept()).Get(plan.Path)
			peer.Fail(err)
			plan.CheckBody(response.StatusCode(), response.Body())
		}
	})
}
