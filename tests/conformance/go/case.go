package main

import "encoding/json"

// A testCase is one case, as far as a runner has to know it. What is nil is not there.
type testCase struct {
	Name     string    `json:"name"`
	BaseURL  *string   `json:"base_url"`
	BasePath string    `json:"base_path"`
	Client   *settings `json:"client"`
	Clone    *settings `json:"clone"`
	Request  request   `json:"request"`
	Expect   expected  `json:"expect"`
}

// settings are what a client or a clone is set to.
type settings struct {
	Reset         bool        `json:"reset"`
	Headers       [][2]string `json:"headers"`
	RemoveHeaders []string    `json:"remove_headers"`
	Cookies       [][2]string `json:"cookies"`
	RemoveCookies []string    `json:"remove_cookies"`
	Bearer        *string     `json:"bearer"`
	UserAgent     *string     `json:"user_agent"`
	CAPEM         *string     `json:"ca_pem"`
	CAFile        *string     `json:"ca_file"`
	Basic         *[2]string  `json:"basic"`
	SignedCookie  *struct {
		Name    string `json:"name"`
		Payload string `json:"payload"`
		KeyID   string `json:"key_id"`
		Key     string `json:"key"`
		Digest  int    `json:"digest"`
	} `json:"signed_cookie"`
	Redirects       *int      `json:"redirects"`
	RetryAttempts   *int      `json:"retry_attempts"`
	TimeoutMS       *int64    `json:"timeout_ms"`
	ConnectMS       *int64    `json:"connect_timeout_ms"`
	ReadMS          *int64    `json:"read_timeout_ms"`
	DeadlineMS      *int64    `json:"deadline_ms"`
	MaxBodyBytes    *int64    `json:"max_body_bytes"`
	RetryAfterMaxMS *int64    `json:"retry_after_max_ms"`
	MaxAgeMS        *int64    `json:"connection_max_age_ms"`
	BackoffMS       *[2]int64 `json:"backoff_ms"`
	RetryStatuses   *[]int    `json:"retry_statuses"`
	RateLimit       *[3]int64 `json:"rate_limit"`
	Verify          *bool     `json:"verify"`
	MinTLS          *int      `json:"min_tls"`
	RetryCallback   *bool     `json:"retry_callback"`
	LogLevel        *int      `json:"log_level"`
}

// request is what is sent.
type request struct {
	Call           string      `json:"call"`
	Method         string      `json:"method"`
	Path           string      `json:"path"`
	Query          [][2]string `json:"query"`
	Headers        [][2]string `json:"headers"`
	Form           [][2]string `json:"form"`
	JSON           *string     `json:"json"`
	BodyBase64     *[]byte     `json:"body_base64"`
	ContentType    string      `json:"content_type"`
	IdempotencyKey *string     `json:"idempotency_key"`
	Cancelled      bool        `json:"cancelled"`
	TimeoutMS      *int64      `json:"timeout_ms"`
	ConnectMS      *int64      `json:"connect_timeout_ms"`
	ReadMS         *int64      `json:"read_timeout_ms"`
	DeadlineMS     *int64      `json:"deadline_ms"`
	MaxBodyBytes   *int64      `json:"max_body_bytes"`
	RetryAttempts  *int        `json:"retry_attempts"`
	BackoffMS      *[2]int64   `json:"backoff_ms"`
	RetryStatuses  *[]int      `json:"retry_statuses"`
	Verify         *bool       `json:"verify"`
	KeepAlive      *bool       `json:"keep_alive"`
	Redirects      *int        `json:"redirects"`
}

// expected is what must come of it.
type expected struct {
	Code            string       `json:"code"`
	Status          *int         `json:"status"`
	Reason          *string      `json:"reason"`
	Attempts        *int         `json:"attempts"`
	BodyBase64      *[]byte      `json:"body_base64"`
	JSON            *string      `json:"json"`
	JSONState       *string      `json:"json_state"`
	Error           *string      `json:"error"`
	ErrorContains   []string     `json:"error_contains"`
	Headers         [][2]*string `json:"headers"`
	Links           [][2]*string `json:"links"`
	PathsOf         [][2]*string `json:"paths_of"`
	Values          []value      `json:"values"`
	JournalContains []string     `json:"journal_contains"`
	RetryCalls      *int         `json:"retry_calls"`
	LogContains     []string     `json:"log_contains"`
	LogLacks        []string     `json:"log_lacks"`
	Requests        *[]struct {
		StartsWith string   `json:"starts_with"`
		EndsWith   string   `json:"ends_with"`
		Contains   []string `json:"contains"`
		Lacks      []string `json:"lacks"`
	} `json:"requests"`
}

// value is what is read at a pointer. null, which says that there is nothing of that kind, is the text
// null here, and what is not compared is empty.
type value struct {
	Pointer string          `json:"pointer"`
	Type    *string         `json:"type"`
	Length  *int            `json:"length"`
	String  json.RawMessage `json:"string"`
	Text    json.RawMessage `json:"text"`
	Int64   json.RawMessage `json:"int64"`
	Double  json.RawMessage `json:"double"`
	Bool    json.RawMessage `json:"bool"`
}
