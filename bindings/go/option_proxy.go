package sac

// #include "shim.h"
import "C"

// WithProxyFromEnvironment reads the proxies from the current environment: http_proxy, https_proxy,
// all_proxy and no_proxy.
func WithProxyFromEnvironment() Option {
	return func(c *Client) error {
		return c.set("WithProxyFromEnvironment", func(core *core) C.sac_code {
			return C.sac_set_proxy(core.pointer, nil)
		})
	}
}
