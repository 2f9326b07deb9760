// Generated from interface/settings.toml by `make interface`. Do not edit.

package main

import "libsac/sac"

// clientSettings are the settings of a client that a case may have.
type clientSettings struct {
	Timeout          *int64    `json:"timeout_ms"`
	ConnectTimeout   *int64    `json:"connect_timeout_ms"`
	ReadTimeout      *int64    `json:"read_timeout_ms"`
	Deadline         *int64    `json:"deadline_ms"`
	Retries          *int      `json:"retry_attempts"`
	Backoff          *[2]int64 `json:"backoff_ms"`
	RetryStatuses    *[]int    `json:"retry_statuses"`
	RetryAfterMax    *int64    `json:"retry_after_max_ms"`
	RetryBudget      *int      `json:"retry_budget"`
	RateLimit        *[3]int64 `json:"rate_limit"`
	MaxBody          *int64    `json:"max_body_bytes"`
	Redirects        *int      `json:"redirects"`
	UserAgent        *string   `json:"user_agent"`
	Verify           *bool     `json:"verify"`
	CAFile           *string   `json:"ca_file"`
	CAPEM            *string   `json:"ca_pem"`
	PinnedKeys       *string   `json:"pinned_keys"`
	MinTLS           *int      `json:"min_tls"`
	CookieJar        *bool     `json:"cookie_jar"`
	ConnectionMaxAge *int64    `json:"connection_max_age_ms"`
}

func (s *clientSettings) options() []sac.Option {
	var options []sac.Option
	if s.Timeout != nil {
		options = append(options, sac.WithTimeout(ms(*s.Timeout)))
	}
	if s.ConnectTimeout != nil {
		options = append(options, sac.WithConnectTimeout(ms(*s.ConnectTimeout)))
	}
	if s.ReadTimeout != nil {
		options = append(options, sac.WithReadTimeout(ms(*s.ReadTimeout)))
	}
	if s.Deadline != nil {
		options = append(options, sac.WithDeadline(ms(*s.Deadline)))
	}
	if s.Retries != nil {
		options = append(options, sac.WithRetries(*s.Retries))
	}
	if s.Backoff != nil {
		options = append(options, sac.WithBackoff(ms(s.Backoff[0]), ms(s.Backoff[1])))
	}
	if s.RetryStatuses != nil {
		options = append(options, sac.WithRetryStatuses(*s.RetryStatuses...))
	}
	if s.RetryAfterMax != nil {
		options = append(options, sac.WithRetryAfterMax(ms(*s.RetryAfterMax)))
	}
	if s.RetryBudget != nil {
		options = append(options, sac.WithRetryBudget(*s.RetryBudget))
	}
	if s.RateLimit != nil {
		options = append(options, sac.WithRateLimit(int(s.RateLimit[0]), ms(s.RateLimit[1]), int(s.RateLimit[2])))
	}
	if s.MaxBody != nil {
		options = append(options, sac.WithMaxBody(*s.MaxBody))
	}
	if s.Redirects != nil {
		options = append(options, sac.WithRedirects(*s.Redirects))
	}
	if s.UserAgent != nil {
		options = append(options, sac.WithUserAgent(*s.UserAgent))
	}
	if s.Verify != nil {
		options = append(options, sac.WithVerify(*s.Verify))
	}
	if s.CAFile != nil {
		options = append(options, sac.WithCAFile(*s.CAFile))
	}
	if s.CAPEM != nil {
		options = append(options, sac.WithCAPEM([]byte(*s.CAPEM)))
	}
	if s.PinnedKeys != nil {
		options = append(options, sac.WithPinnedKeys(*s.PinnedKeys))
	}
	if s.MinTLS != nil {
		options = append(options, sac.WithMinTLS(tlsVersion(*s.MinTLS)))
	}
	if s.CookieJar != nil {
		options = append(options, sac.WithCookieJar(*s.CookieJar))
	}
	if s.ConnectionMaxAge != nil {
		options = append(options, sac.WithConnectionMaxAge(ms(*s.ConnectionMaxAge)))
	}
	return options
}

// requestSettings are the settings of a request that a case may have.
type requestSettings struct {
	Timeout        *int64    `json:"timeout_ms"`
	ConnectTimeout *int64    `json:"connect_timeout_ms"`
	ReadTimeout    *int64    `json:"read_timeout_ms"`
	Deadline       *int64    `json:"deadline_ms"`
	Retries        *int      `json:"retry_attempts"`
	Backoff        *[2]int64 `json:"backoff_ms"`
	RetryStatuses  *[]int    `json:"retry_statuses"`
	MaxBody        *int64    `json:"max_body_bytes"`
	Redirects      *int      `json:"redirects"`
	Verify         *bool     `json:"verify"`
	KeepAlive      *bool     `json:"keep_alive"`
}

func (s *requestSettings) options() []sac.RequestOption {
	var options []sac.RequestOption
	if s.Timeout != nil {
		options = append(options, sac.Timeout(ms(*s.Timeout)))
	}
	if s.ConnectTimeout != nil {
		options = append(options, sac.ConnectTimeout(ms(*s.ConnectTimeout)))
	}
	if s.ReadTimeout != nil {
		options = append(options, sac.ReadTimeout(ms(*s.ReadTimeout)))
	}
	if s.Deadline != nil {
		options = append(options, sac.Deadline(ms(*s.Deadline)))
	}
	if s.Retries != nil {
		options = append(options, sac.Retries(*s.Retries))
	}
	if s.Backoff != nil {
		options = append(options, sac.Backoff(ms(s.Backoff[0]), ms(s.Backoff[1])))
	}
	if s.RetryStatuses != nil {
		options = append(options, sac.RetryStatuses(*s.RetryStatuses...))
	}
	if s.MaxBody != nil {
		options = append(options, sac.MaxBody(*s.MaxBody))
	}
	if s.Redirects != nil {
		options = append(options, sac.Redirects(*s.Redirects))
	}
	if s.Verify != nil {
		options = append(options, sac.Verify(*s.Verify))
	}
	if s.KeepAlive != nil {
		options = append(options, sac.KeepAlive(*s.KeepAlive))
	}
	return options
}
