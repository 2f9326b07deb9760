// fasthttp: one client, which keeps a connection for each goroutine, and reuses requests and responses.
package main

import (
	"crypto/tls"
	"time"

	"github.com/valyala/fasthttp"

	"peers/peer"
)

func main() {
	peer.Run(func(plan *peer.Plan) func() {
		client := &fasthttp.Client{
			ReadTimeout:     30 * time.Second,
			WriteTimeout:    30 * time.Second,
			MaxConnsPerHost: plan.Threads,
			TLSConfig:       &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(0)},
		}
		return func() { call(plan, client) }
	})
}

func call(plan *peer.Plan, client *fasthttp.Client) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI(plan.BaseURL + plan.Path)
	request.Header.Set("Accept", plan.Accept())
	peer.Fail(client.Do(request, response))
	plan.CheckBody(response.StatusCode(), response.Body())
}
