// Package resty: scripts/run test-resty copies this file into the package whose tests it runs.
package resty

import (
	"crypto/tls"
	"net/http"
	"sync"
	"sync/atomic"

	"libsac/sac"
)

// sent counts the requests of all transports.
var sent atomic.Int64

// sendThroughSAC lets sac.Transport send the requests of a transport of net/http, which stays where its owner
// expects it, and whose TLS and proxy settings still apply.
func sendThroughSAC(settings *http.Transport) *http.Transport {
	origins := &originTransport{settings: settings, clients: make(map[clientKey]*sac.Client)}
	// net/http would register HTTP/2 for https.
	settings.ForceAttemptHTTP2, settings.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
	settings.RegisterProtocol("http", origins)
	settings.RegisterProtocol("https", origins)
	return settings
}

// An originTransport has a sac.Client for each origin.
type originTransport struct {
	settings *http.Transport
	mu       sync.Mutex
	clients  map[clientKey]*sac.Client
}

// clientKey is what distinguishes the clients.
type clientKey struct {
	origin, proxy string
	insecure      bool
}

func (o *originTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	client, err := o.client(request)
	if err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, err
	}
	sent.Add(1)
	return (&sac.Transport{Client: client}).RoundTrip(request)
}

func (o *originTransport) client(request *http.Request) (*sac.Client, error) {
	key, err := o.key(request)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if client := o.clients[key]; client != nil {
		return client, nil
	}
	client, err := sac.New(key.origin, sac.WithVerify(!key.insecure), sac.WithProxy(key.proxy))
	if err == nil {
		o.clients[key] = client
	}
	return client, err
}

func (o *originTransport) key(request *http.Request) (key clientKey, err error) {
	key.origin = request.URL.Scheme + "://" + request.URL.Host
	if config := o.settings.TLSClientConfig; config != nil {
		key.insecure = config.InsecureSkipVerify
	}
	if o.settings.Proxy != nil {
		proxy, err := o.settings.Proxy(request)
		if err != nil {
			return key, err
		}
		if proxy != nil {
			key.proxy = proxy.String()
		}
	}
	return key, nil
}
